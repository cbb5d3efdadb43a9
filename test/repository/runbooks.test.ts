import { expect, test } from 'vitest'
import { faultPlaces } from '../../src/observe/fault-places.ts'
import { tableRows } from './markdown.ts'
import { filesBelow, read } from './tree.ts'

const FOLDER = 'docs/runbooks/'
const INDEX = `${FOLDER}README.md`

/** The alerts of the chart: name and page. */
const alerts = [
  ...read('charts/gatehouse/templates/monitoring.yaml').matchAll(/\(list "(\w+)" "([a-z-]+)" "\d+[mh]"/g),
].map(([, name = '', page = '']) => ({ name, page: `${FOLDER}${page}.md` }))
const pages = filesBelow(FOLDER).filter((file) => file !== INDEX)

test('each alert has a page, and each page an alert', () => {
  expect(alerts.length).toBeGreaterThan(5)
  expect(alerts.map(({ page }) => page).sort()).toEqual(pages)
})

test('the index names each alert with its page', () => {
  const named = tableRows(INDEX, 'Runbooks').map(([cell = '']) => {
    const [, name = '', page = ''] = /^\[(\w+)\]\(([a-z-]+\.md)\)$/.exec(cell) ?? []
    return { name, page: `${FOLDER}${page}` }
  })
  const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1)
  expect(named.sort(byName)).toEqual([...alerts].sort(byName))
})

test.each(alerts)(
  'the page of $name says what it means, what users notice, where to look and what to do',
  ({ name, page }) => {
    const text = read(page)
    expect(text.split('\n')[0]).toBe(`# ${name}`)
    const parts = ['**Means:**', '**Users notice:**', '**Look at**', '**Do**'].map((part) => text.indexOf(`\n${part}`))
    expect(parts).not.toContain(-1)
    expect(parts.toSorted((one, other) => one - other)).toEqual(parts)
  },
)

test('the page of GatehouseInternalErrors explains every part that may be named', () => {
  const named = tableRows(`${FOLDER}internal-errors.md`, 'GatehouseInternalErrors').flatMap(([cell = '']) =>
    [...cell.matchAll(/`([a-z-]+)`/g)].map(([, place]) => place),
  )
  expect(named.sort()).toEqual([...faultPlaces])
})

test.each(alerts)('the page of $name names events of the log that exist', ({ page }) => {
  const headings = new Set([...read('docs/reference/log.md').matchAll(/^## (\w+)$/gm)].map(([, event]) => event))
  const subjects =
    'watch|lease|leadership|controller|keys|host|store|resource|internal|decided|login|revo|session|clock|audit'
  const isEvent = new RegExp(`\`((?:${subjects})[a-zA-Z]*)\``, 'g')
  const named = [...read(page).matchAll(isEvent)].map(([, word = '']) => word)
  const parts = new Set(['controller', 'resources', 'watch', 'revocation'])
  expect(named.filter((word) => !headings.has(word) && !parts.has(word))).toEqual([])
})
