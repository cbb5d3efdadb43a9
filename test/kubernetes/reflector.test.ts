import { describe, expect, test } from 'vitest'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { until } from '../parts/until.ts'
import { EXPIRED, event, type Intercept, scriptedApi, status } from './scripted-api.ts'
import { watched, whileSynced } from './watched.ts'

describe('at the start', () => {
  const answers: readonly { title: string; answer: Intercept }[] = [
    { title: '500', answer: (_, response) => status(response, 500) },
    { title: '403', answer: (_, response) => status(response, 403, 'Forbidden') },
    {
      title: 'a broken connection',
      answer: (_, __, request) => {
        request.socket.destroy()
        return true
      },
    },
    {
      title: 'a page of a proxy',
      answer: (_, response) => {
        response.end('<html>')
        return true
      },
    },
    {
      title: 'an item without a name',
      answer: (_, response) => {
        response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [{ metadata: {} }] }))
        return true
      },
    },
  ]

  test.for(answers)('$title instead of a list: not synced, it says why, and goes on asking', async ({ answer }) => {
    await using api = await scriptedApi()
    api.put('one')
    api.intercept = answer
    await using watch = watched(api.client)
    await until('there is a reason', () => watch.reflection.trouble() !== undefined)
    expect(watch.reflection.isSynced()).toBe(false)
    // What it has never heard of is as old as its question.
    await until('it ages', () => watch.reflection.ageMs() > 5)
    api.intercept = undefined
    await watch.equals(api.versions)
    expect(watch.changes()).toBe(1)
  })

  test('lists come in pages, and one that expires between two is begun anew', async () => {
    await using api = await scriptedApi({ pageSize: 10 })
    for (let number = 0; number < 95; number++) api.put(`policy-${number}`)
    let hasExpired = false
    api.intercept = ({ query }, response) => {
      if (hasExpired || query.continue !== '50') return false
      hasExpired = true
      return status(response, 410, 'Expired')
    }
    await using watch = watched(api.client)
    await watch.equals(api.versions)
    const lists = api.asked.filter(({ isWatch }) => !isWatch)
    expect(lists.every(({ query }) => query.limit === '500')).toBe(true)
    expect(lists.map(({ query }) => query.continue ?? 'start').filter((one) => one === 'start')).toHaveLength(2)
    expect(lists).toHaveLength(6 + 10)
    expect(watch.reasons()).toEqual([])
  })

  test('a set that is empty is synced, and one call tells so', async () => {
    await using api = await scriptedApi()
    await using watch = watched(api.client)
    await watch.equals(() => ({}))
    expect(watch.changes()).toBe(1)
  })

  test('the watch asks for bookmarks, from the version of the list, for a time', async () => {
    await whileSynced(async (api) => {
      const { query } = api.asked.find(({ isWatch }) => isWatch) ?? { query: {} as Record<string, string> }
      expect(query).toMatchObject({ allowWatchBookmarks: 'true', resourceVersion: '103' })
      expect(Number(query.timeoutSeconds)).toBeGreaterThanOrEqual(20)
      expect(Number(query.timeoutSeconds)).toBeLessThan(30)
    })
  })

  test('where things happen, watches are longer', async () => {
    await whileSynced(async (api, watch) => {
      api.put('four')
      await watch.equals(api.versions)
      api.endWatches('end')
      await until('it watches again', () => api.asked.filter(({ isWatch }) => isWatch).length > 1)
      const seconds = Number(api.asked.findLast(({ isWatch }) => isWatch)?.query.timeoutSeconds)
      expect(seconds).toBeGreaterThanOrEqual(240)
      expect(seconds).toBeLessThanOrEqual(480)
    })
  })
})

describe('a kind that the server does not serve', () => {
  test('is synced and empty, and watched once it is there; gone again, it is empty again', async () => {
    await using api = await scriptedApi()
    const absent: Intercept = (_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
      return true
    }
    api.intercept = absent
    await using watch = watched(api.client)
    await watch.equals(() => ({}))
    expect(watch.reflection.trouble()).toBeUndefined()
    for (const round of [1, 2]) {
      api.put(`policy-${round}`)
      api.intercept = undefined
      await watch.equals(api.versions)
      api.intercept = absent
      api.endWatches('end')
      await watch.equals(() => ({}))
    }
    expect(watch.reported.filter(({ name }) => name === 'watchInterrupted')).toEqual([])
  })

  test('is a trouble where it has to be there', async () => {
    await using api = await scriptedApi()
    api.intercept = (_, response) => status(response, 404)
    await using watch = watched(api.client, {}, apiResources.secrets)
    await until('there is a reason', () => watch.reflection.trouble() !== undefined)
    expect(watch.reflection.isSynced()).toBe(false)
  })
})

describe('changes', () => {
  test('are told once each, and repetitions not at all', async () => {
    await whileSynced(async (api, watch) => {
      expect(watch.changes()).toBe(1)
      api.put('one', { other: true })
      await watch.equals(api.versions)
      expect(watch.changes()).toBe(2)
      api.write(event('MODIFIED', watch.reflection.items().get('shop/one')))
      api.write(event('BOOKMARK', { kind: 'AccessPolicy', metadata: { resourceVersion: '150' } }))
      api.write(event('ERROR', EXPIRED))
      await until('it lists again', () => api.asked.filter(({ isWatch }) => !isWatch).length === 2)
      api.remove('one')
      await watch.equals(api.versions)
      expect(watch.changes()).toBe(3)
    })
  })

  test('a deletion of another object of that name takes nothing away', async () => {
    await whileSynced(async (api, watch) => {
      const one = watch.reflection.items().get('shop/one')
      api.write(event('DELETED', { ...one, metadata: { ...one?.metadata, uid: 'of-old', resourceVersion: '150' } }))
      api.put('four')
      await watch.equals(api.versions)
    })
  })

  test('reach the other listeners when one of them throws', async () => {
    await using api = await scriptedApi()
    await using watch = watched(api.client)
    let heard = 0
    watch.reflection.onChange(() => {
      throw new Error('of a listener')
    })
    const end = watch.reflection.onChange(() => {
      heard += 1
    })
    api.put('one')
    await watch.equals(api.versions)
    await until('all are told', () => heard > 0)
    expect(watch.reported.map(({ name }) => name)).toContain('internalError')
    end()
    const before = heard
    api.put('two')
    await watch.equals(api.versions)
    expect(heard).toBe(before)
  })

  test('what is trimmed is not kept', async () => {
    await using api = await scriptedApi()
    api.put('one', { large: true })
    await using watch = watched(api.client, { trim: (object) => ({ ...object, spec: 'trimmed' }) })
    await watch.equals(api.versions)
    api.put('two')
    await watch.equals(api.versions)
    expect([...watch.reflection.items().values()].map(({ spec }) => spec)).toEqual(['trimmed', 'trimmed'])
  })
})

describe('the pace', () => {
  test('first retry within 200 ms, later ones within 2 s, and no storm', async () => {
    await whileSynced(async (api) => {
      api.intercept = (_, response) => status(response, 500)
      const before = api.asked.length
      const startedAt = performance.now()
      api.endWatches('break')
      await until('it has asked often', () => performance.now() - startedAt > 6_000)
      const times = api.asked.slice(before).map(({ at }) => at - startedAt)
      expect(times[0]).toBeLessThan(200)
      expect(times.length).toBeLessThan(14)
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      expect(Math.max(...gaps)).toBeLessThan(2_000)
    })
  })

  test('Retry-After is kept, up to 5 s', async () => {
    await whileSynced(async (api) => {
      api.intercept = (_, response) => status(response, 429, '', { 'retry-after': '2' })
      const before = api.asked.length
      api.endWatches('break')
      await until('it has asked twice', () => api.asked.length >= before + 2)
      const [first, second] = api.asked.slice(before).map(({ at }) => at)
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(1_950)
      expect((second ?? 0) - (first ?? 0)).toBeLessThan(3_000)
    })
  })

  test('once it is closed nothing more is asked', async () => {
    await using api = await scriptedApi()
    const watch = watched(api.client)
    await watch.equals(() => ({}))
    await until('it watches', () => api.asked.some(({ isWatch }) => isWatch))
    await watch[Symbol.asyncDispose]()
    const { length } = api.asked
    api.endWatches('end')
    await until('some time has passed', () => performance.now() - (api.asked.at(-1)?.at ?? 0) > 500)
    expect(api.asked).toHaveLength(length)
    expect(watch.reasons()).toEqual([])
  })
})
