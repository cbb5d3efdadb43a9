import { type Address, addressText, type Destination, readAddress } from './address.ts'
import { replyCode } from './failure.ts'
import type { Route } from './route.ts'

/**
 * To the master of one slot of a Cluster: any node that is asked about a key of it names that master.
 *
 * @param known addresses of nodes, as they are known at the moment
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#moved-redirection
 */
export function clusterRoute(known: () => readonly Address[]): Route {
  let named: Address | undefined
  let last: Address | undefined
  let turn = 0

  function destination(address: Address): Destination {
    last = address
    return { ...address, name: address.host }
  }

  return {
    next() {
      if (named !== undefined) return destination(named)
      const addresses = new Map(known().map((address) => [addressText(address), address]))
      const candidate = [...addresses.values()][turn % addresses.size]
      return candidate && destination(candidate)
    },
    trouble: () => undefined,
    onChange: () => () => undefined,
    vouchedAtMs: () => Number.POSITIVE_INFINITY,
    missed(error) {
      named = replyCode(error) === 'MOVED' ? movedTo(error, last) : undefined
      if (named === undefined) turn += 1
    },
  }
}

/** Reads `MOVED <slot> <host>:<port>`; without a host it is that of the node that says so. */
function movedTo(error: unknown, by: Address | undefined): Address | undefined {
  if (!(error instanceof Error)) return undefined
  const address = readAddress(error.message.split(' ')[2] ?? '')
  return address?.host === '' ? by && { host: by.host, port: address.port } : address
}
