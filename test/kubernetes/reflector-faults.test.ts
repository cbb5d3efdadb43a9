import { describe, expect, test } from 'vitest'
import { until } from '../parts/until.ts'
import { EXPIRED, event, type Intercept, onWatch, type ScriptedApi, status } from './scripted-api.ts'
import { whileSynced } from './watched.ts'

/** What goes wrong while a set of three is watched. Each may end by itself, or when `intercept` is taken away. */
interface Fault {
  readonly title: string
  begin(api: ScriptedApi): void
  /** Reasons that must be among those counted. */
  readonly reason: string
  /** Whether it is worth a line in the log. */
  readonly isTrouble: boolean
  /** How often it has to happen until then; default: once. */
  readonly times?: number
}

/** A watch that begins well and then says this, as often as it is asked for. */
const saying = (text: string | Buffer, ending: 'open' | 'end' | 'break'): Intercept =>
  onWatch((_, response) => {
    response.writeHead(200)
    response.write(text)
    if (ending === 'end') response.end()
    if (ending === 'break') setTimeout(() => response.socket?.destroy(), 20)
    return true
  })

const reopened = (intercept: Intercept) => (api: ScriptedApi) => {
  api.intercept = intercept
  api.endWatches('break')
}

const half = event('ADDED', { metadata: { name: 'x' } }).slice(0, 30)

const faults: readonly Fault[] = [
  {
    title: 'a connection that breaks',
    begin: (api) => api.endWatches('break'),
    reason: 'unreachable',
    isTrouble: true,
  },
  {
    title: 'a watch that is refused with 410',
    begin(api) {
      api.compact()
      api.endWatches('end')
    },
    reason: 'expired',
    isTrouble: false,
  },
  {
    title: 'a watch that says 410',
    begin: (api) => api.write(event('ERROR', EXPIRED)),
    reason: 'expired',
    isTrouble: false,
  },
  {
    title: 'a watch that says 500',
    begin: (api) => api.write(event('ERROR', { ...EXPIRED, code: 500, reason: 'InternalError' })),
    reason: 'failing',
    isTrouble: true,
  },
  {
    title: '500 for watches',
    begin: reopened(onWatch((_, response) => status(response, 500))),
    reason: 'failing',
    isTrouble: true,
  },
  {
    title: '503 with a page of a proxy',
    begin: reopened((_, response) => {
      response.writeHead(503).end('<html>upstream')
      return true
    }),
    reason: 'failing',
    isTrouble: true,
  },
  {
    title: '429 with Retry-After',
    begin: reopened(onWatch((_, response) => status(response, 429, 'TooManyRequests', { 'retry-after': '1' }))),
    reason: 'busy',
    isTrouble: true,
  },
  {
    title: '403',
    begin: reopened((_, response) => status(response, 403, 'Forbidden')),
    reason: 'denied',
    isTrouble: true,
  },
  { title: '401', begin: reopened((_, response) => status(response, 401)), reason: 'denied', isTrouble: true },
  {
    title: 'connections that break at once',
    begin: reopened((_, __, request) => {
      request.socket.destroy()
      return true
    }),
    reason: 'unreachable',
    isTrouble: true,
  },
  { title: 'a line of garbage', begin: (api) => api.write('garbage\n'), reason: 'garbled', isTrouble: true },
  {
    title: 'garbage again and again',
    begin: reopened(saying('{"type":\n', 'open')),
    reason: 'garbled',
    isTrouble: true,
  },
  { title: 'an event that is none', begin: (api) => api.write('[]\n'), reason: 'garbled', isTrouble: true },
  {
    title: 'an event of an unknown type',
    begin: (api) => api.write(event('RENAMED', { metadata: { resourceVersion: '1' } })),
    reason: 'garbled',
    isTrouble: true,
  },
  {
    title: 'an object without a name',
    begin: (api) => api.write(event('ADDED', { metadata: { resourceVersion: '999' } })),
    reason: 'garbled',
    isTrouble: true,
  },
  {
    title: 'a line that is no UTF-8',
    begin: (api) => api.write(Buffer.from([0x22, 0xff, 0x22, 0x0a])),
    reason: 'garbled',
    isTrouble: true,
  },
  {
    title: 'a line without an end',
    begin: (api) => api.write(Buffer.alloc(9 * 1024 * 1024, 0x20)),
    reason: 'garbled',
    isTrouble: true,
  },
  { title: 'half a line, then the end', begin: reopened(saying(half, 'end')), reason: 'garbled', isTrouble: true },
  {
    title: 'half a line, then a break',
    begin: reopened(saying(half, 'break')),
    reason: 'unreachable',
    isTrouble: true,
  },
  { title: 'watches that end at once', begin: reopened(saying('', 'end')), reason: 'short', isTrouble: true, times: 3 },
  {
    title: 'lists that are no lists',
    begin(api) {
      api.intercept = (asked, response) => {
        if (asked.isWatch) return false
        response.end('{"kind":"List","items":[]}')
        return true
      }
      api.write(event('ERROR', EXPIRED))
    },
    reason: 'garbled',
    isTrouble: true,
  },
]

describe('after a fault the set is the server’s again within 2 s', () => {
  test.for(faults)('$title', async ({ begin, reason, isTrouble, times = 1 }) => {
    await whileSynced(async (api, watch) => {
      const before = watch.versions()
      begin(api)
      const isNoticed = () => watch.reasons().filter((one) => one === reason).length >= times
      await until('it is noticed', isNoticed, { timeoutMs: 4_000 })
      expect(Object.keys(watch.versions())).toEqual(Object.keys(before))
      // What nobody could have told us while we were not listening.
      api.remove('one')
      api.remove('two')
      api.put('two', { again: true }, 'another-uid')
      api.put('four')
      api.intercept = undefined
      await watch.equals(api.versions)
      api.put('five')
      await watch.equals(api.versions)
      await until('it has recovered', () => watch.reflection.trouble() === undefined)
      const interruptions = watch.reported.filter(({ name }) => name === 'watchInterrupted')
      const recoveries = watch.reported.filter(({ name }) => name === 'watchRecovered')
      expect(interruptions.length > 0).toBe(isTrouble)
      expect(recoveries.length).toBe(interruptions.length)
    })
  })

  test('a watch that is silent', async () => {
    await whileSynced(
      async (api, watch) => {
        api.mute()
        api.put('four')
        await watch.equals(api.versions, 3_000)
        expect(watch.reasons()).toContain('silent')
      },
      { timings: { silenceMs: 1_000 } },
    )
  })

  test('a line that comes slowly for ever', async () => {
    await whileSynced(
      async (api, watch) => {
        const timer = setInterval(() => api.write(' '), 50)
        await until('it is noticed', () => watch.reasons().includes('silent'), { timeoutMs: 3_000 })
        clearInterval(timer)
        api.put('four')
        await watch.equals(api.versions)
      },
      { timings: { silenceMs: 1_000 } },
    )
  })

  test('an event that comes in small pieces is one event', async () => {
    await whileSynced(async (api, watch) => {
      const four = api.put('four', { text: 'größer 🏠' })
      await watch.equals(api.versions)
      const bytes = Buffer.from(event('MODIFIED', { ...four, metadata: { ...four.metadata, resourceVersion: '9999' } }))
      for (const byte of bytes) api.write(Buffer.from([byte]))
      await until('it is there', () => watch.versions()['shop/four']?.endsWith('@9999'))
      expect(watch.reflection.items().get('shop/four')?.spec).toEqual({ text: 'größer 🏠' })
      expect(watch.reasons()).toEqual([])
    })
  })

  test('a watch that lies: the next list puts it right', async () => {
    await whileSynced(
      async (api, watch) => {
        api.intercept = saying(event('BOOKMARK', { metadata: { resourceVersion: '100000' } }), 'open')
        api.endWatches('end')
        await until('the bookmark is there', () => api.asked.filter(({ isWatch }) => isWatch).length > 1)
        api.put('four')
        api.intercept = onWatch((_, response) => {
          response.writeHead(200).flushHeaders()
          setTimeout(() => response.end(), 600)
          return true
        })
        await watch.equals(api.versions, 5_000)
      },
      { timings: { relistMs: 1_500, silenceMs: 1_000 } },
    )
  })

  test('where watches fail for good and lists work, lists have to do', async () => {
    await whileSynced(async (api, watch) => {
      api.intercept = onWatch((_, response) => status(response, 500))
      api.endWatches('break')
      api.put('four')
      await watch.equals(api.versions, 12_000)
      api.remove('four')
      await watch.equals(api.versions, 8_000)
      expect(watch.reflection.trouble()).toBeDefined()
    })
  })
})
