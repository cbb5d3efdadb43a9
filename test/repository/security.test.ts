import { describe, expect, test } from 'vitest'
import { tableRows } from './markdown.ts'
import { filesBelow, read } from './tree.ts'

const rows = tableRows('SECURITY.md', 'Threats, and what holds the door')
const tests = filesBelow('test').filter((path) => path.endsWith('.ts') && !path.includes('/fixtures/'))

/** The tests that a cell names: a file, then titles up to the next file. */
function citationsIn(cell: string): { file: string; title: string }[] {
  return cell.split('<br>').map((part) => {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(part.trim()) ?? []
    return { file, title }
  })
}

/** What may stand before a title: a call that declares tests, its table's end, a row's field, or a row's beginning. */
const BEFORE = /(?:\b(?:test|it|describe|needs)\b.*\(.*|\btitle: |^ *(?:\[|\](?: as const)?\)\()?)$/

/** Whether the file has a title of just this text. `…` stands for what a template or a table fills in. */
function declares(file: string, title: string): boolean {
  const pattern = title
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('"', '\\\\?"'))
    .join('(?:…|\\$\\{.*?\\}|%\\w|\\$\\w+)')
  const literal = new RegExp(`(['"\`])${pattern}\\1`, 'g')
  return read(file)
    .split('\n')
    .some((line) => [...line.matchAll(literal)].some(({ index }) => BEFORE.test(line.slice(0, index))))
}

/** Whether the test runner runs what the file declares: it is a suite, or a contract that some suite calls. */
function isRun(file: string): boolean {
  if (file.endsWith('.test.ts')) return true
  const name = `/${file.split('/').at(-1)}'`
  return tests.some((other) => other.endsWith('.test.ts') && read(other).includes(name))
}

describe('docs/reliability.md', () => {
  const promises = tableRows('docs/reliability.md', 'Promises')

  test('says of every promise what keeps it, and names at least one test of it', () => {
    expect(promises.length).toBeGreaterThan(8)
    for (const cells of promises) {
      expect(cells).toHaveLength(3)
      expect(cells[2]).toMatch(/^`test\//)
    }
  })

  test.each(promises.map(([promise = '', , cell = '']) => [promise, cell] as const))(
    'names tests and scenarios that exist: %s',
    (_, cell) => {
      for (const part of cell.split('<br>')) {
        if (part.startsWith('`npm run faults`')) {
          const [, scenario] = /scenarios? `([^`…]+)/.exec(part) ?? []
          const files = filesBelow('faults/scenarios').map(read).join('\n')
          if (scenario !== undefined) expect(files).toContain(`'${scenario}`)
        } else {
          const [{ file, title } = { file: '', title: '' }] = citationsIn(part)
          expect(isRun(file), `${file} is run`).toBe(true)
          expect(declares(file, title), `${file} has a test "${title}"`).toBe(true)
        }
      }
    },
  )
})

describe('SECURITY.md', () => {
  test('says of every threat what is done about it and which test holds that', () => {
    expect(rows.length).toBeGreaterThan(60)
    expect(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell === ''))).toEqual([])
    const threats = rows.map(([threat]) => threat)
    expect(threats.filter((threat, index) => threats.indexOf(threat) !== index)).toEqual([])
  })

  test.each(rows.map(([threat = '', , cell = '']) => [threat, cell] as const))(
    'names tests that exist: %s',
    (_, cell) => {
      for (const { file, title } of citationsIn(cell)) {
        expect(tests, cell).toContain(file)
        expect(isRun(file), `${file} is run`).toBe(true)
        expect(declares(file, title), `${file} has a test "${title}"`).toBe(true)
      }
    },
  )

  test('is read strictly: a title that is not there, or only begins or mentions one, does not count', () => {
    const file = 'test/repository/manners.test.ts'
    expect(declares(file, 'are finished')).toBe(true)
    expect(declares(file, 'are finish')).toBe(false)
    expect(declares(file, 'src/')).toBe(false)
    expect(declares(file, 'no such title')).toBe(false)
  })
})
