import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { generator as logPage } from '../../scripts/generators/log.ts'
import { generator as metricsPage } from '../../scripts/generators/metrics.ts'
import { faultPlaces } from '../../src/observe/fault-places.ts'
import { logFields, logList } from '../../src/observe/log-list.ts'
import { type MetricDeclaration, metricList } from '../../src/observe/metric-list.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { ALLOW } from './event-table.ts'

const declared: readonly MetricDeclaration[] = Object.values(metricList)
const make = (withProcess = false) => createMetrics({ version: '1.2.3', isApplication: () => true, withProcess })
const typesIn = (text: string) =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)

describe('the registry', () => {
  test('holds exactly the metrics of the list, with their types and help', async () => {
    const text = await make().text()
    expect(typesIn(text).sort()).toEqual(declared.map(({ name, type }) => `${name} ${type}`).sort())
    for (const { name, help } of declared) expect(text).toContain(`# HELP ${name} ${help}\n`)
  })

  test('measures the process too, if asked', async () => {
    const text = await make(true).text()
    const others = typesIn(text).filter((line) => !line.startsWith('gatehouse_'))
    expect(others).toContain('process_cpu_seconds_total counter')
    expect(others.every((line) => /^(process|nodejs)_/.test(line))).toBe(true)
  })

  test('is its own: two do not meet', async () => {
    const one = make()
    make().logouts.inc({ scope: 'user' })
    expect(await one.text()).not.toContain('scope=')
  })

  test('says nothing of the store, of a load or of a key before there is something to say', async () => {
    const text = await make().text()
    expect(text).not.toMatch(/^gatehouse_store_available /m)
    expect(text).not.toMatch(/^gatehouse_resources_last_load_timestamp_seconds /m)
    expect(text).not.toMatch(/^gatehouse_signing_key_created_timestamp_seconds /m)
    expect(text).toMatch(/^gatehouse_development_mode 0$/m)
    expect(text).toMatch(/^gatehouse_build_info\{version="1\.2\.3"\} 1$/m)
  })
})

describe('readiness', () => {
  test('is asked at each scrape, and denied before anybody can tell', async () => {
    const metrics = make()
    expect(await metrics.text()).toMatch(/^gatehouse_ready 0$/m)
    let isReady = true
    metrics.followReadiness(() => isReady)
    expect(await metrics.text()).toMatch(/^gatehouse_ready 1$/m)
    isReady = false
    expect(await metrics.text()).toMatch(/^gatehouse_ready 0$/m)
  })
})

test('internal errors of each part are counted from 0, so that the first one is seen to be new', async () => {
  const counted = [...(await make().text()).matchAll(/^gatehouse_internal_errors_total\{where="(.+)"\} 0$/gm)]
  expect(counted.map(([, where]) => where)).toEqual(faultPlaces)
})

describe('the age of watches', () => {
  const ages = async (metrics: ReturnType<typeof make>) =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('gatehouse_watch_age_seconds'))

  test('is read at each scrape, the oldest of a kind', async () => {
    const metrics = make()
    expect(await ages(metrics)).toEqual([])
    metrics.followWatch({ kind: 'Secret', ageMs: () => 1500 })
    const end = metrics.followWatch({ kind: 'Secret', ageMs: () => 2500 })
    expect(await ages(metrics)).toEqual(['gatehouse_watch_age_seconds{kind="Secret"} 2.5'])
    end()
    expect(await ages(metrics)).toEqual(['gatehouse_watch_age_seconds{kind="Secret"} 1.5'])
  })
})

describe('the histogram of checks', () => {
  const measured = async (seconds: readonly number[]) => {
    const metrics = make()
    for (const taken of seconds)
      metrics.checks.decided({ dialect: 'nginx', application: 'a/b', decision: ALLOW, seconds: taken })
    const samples = (await metrics.text()).split('\n').filter((line) => line.startsWith('gatehouse_check_duration'))
    return (name: string) =>
      Number(
        samples
          .find((line) => line.startsWith(`gatehouse_check_duration_seconds_${name}`))
          ?.split(' ')
          .at(-1),
      )
  }

  test('counts each duration in its bucket and in all above, a bound in its own', async () => {
    const value = await measured([0.00001, 0.00005, 0.00006, 0.3, 5, 6])
    expect(value('bucket{le="0.00005"')).toBe(2)
    expect(value('bucket{le="0.0001"')).toBe(3)
    expect(value('bucket{le="0.25"')).toBe(3)
    expect(value('bucket{le="0.5"')).toBe(4)
    expect(value('bucket{le="5"')).toBe(5)
    expect(value('bucket{le="+Inf"')).toBe(6)
    expect(value('count')).toBe(6)
    expect(value('sum')).toBeCloseTo(11.30012)
  })

  test('keeps its sum a number when a duration is none', async () => {
    const value = await measured([Number.NaN, Number.POSITIVE_INFINITY, 1])
    expect([value('count'), value('sum')]).toEqual([3, 1])
  })
})

test('checks can be read as objects too, with their labels', async () => {
  const metrics = make()
  metrics.checks.decided({ dialect: 'forward', application: 'a/b', decision: ALLOW, seconds: 0 })
  metrics.checks.decided({ dialect: 'forward', application: 'a/b', decision: ALLOW, seconds: 0 })
  expect(await metrics.text()).toContain(
    'gatehouse_checks_total{application="a/b",outcome="allow",reason="policy-allows",dialect="forward"} 2',
  )
})

describe('the reference pages', () => {
  const headings = (page: string) => [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  const labels = (page: string) => [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, label]) => label)
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

  test('name every metric and label there is, and no other', () => {
    const page = read(metricsPage.file)
    expect(headings(page)).toEqual(declared.map(({ name }) => name))
    expect(labels(page)).toEqual(declared.flatMap((metric) => Object.keys(metric.labels)))
    expect(page).toBe(metricsPage.content())
  })

  test('name every event and field there is, and no other', () => {
    const page = read(logPage.file)
    expect(headings(page)).toEqual(Object.keys(logList))
    expect(labels(page)).toEqual(Object.values(logList).flatMap(({ fields }) => [...fields]))
    expect(page).toBe(logPage.content())
  })

  test('explain no field that no event has', () => {
    const used = new Set<string>(Object.values(logList).flatMap(({ fields }) => [...fields]))
    expect(Object.keys(logFields).filter((field) => !used.has(field))).toEqual([])
  })
})
