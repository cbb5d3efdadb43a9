import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventTable } from '../observe/event-table.ts'
import { observed } from '../observe/observed.ts'

/**
 * Serves every metric of Gatehouse's own, as Gatehouse itself makes them: at each scrape everything that can be counted has
 * just happened once more.
 */
export async function serveEveryMetric(): Promise<{ readonly address: string } & AsyncDisposable> {
  const { events, metrics } = observed()
  metrics.followReadiness(() => true)
  metrics.followRevocations({ ageMs: () => 500, size: () => 3, owed: () => 1 })
  metrics.followWatch({ kind: 'AccessPolicy', ageMs: () => 2_000 })
  const server = createServer(async (_request, response) => {
    for (const { event, argument } of eventTable) {
      const report = events[event] as (argument: object) => void
      report(argument)
    }
    metrics.auditRecordsLost.inc()
    metrics.logLinesDropped.inc()
    metrics.clockDisagreement.set(-3)
    response.setHeader('content-type', metrics.contentType).end(await metrics.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
