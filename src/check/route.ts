/** What the URL of a check says. */
export interface Route {
  readonly dialect: string
  /** `namespace/name` of the application that the proxy's configuration names; undefined: looked up by host. */
  readonly application: string | undefined
  readonly query: string
}

const SHAPE = /^\/([a-z-]+)\/(?:host|app\/([a-z0-9.-]+\/[a-z0-9.-]+))$/

/** Most URLs remembered; those of a proxy's configuration are always the same. */
const MAX_REMEMBERED = 20_000

/** `readRoute` with a memory for URLs without a query, which are the same text at every check of an application. */
export function routeReader(): (url: string) => Route | undefined {
  const known = new Map<string, Route>()
  return (url) => {
    const remembered = known.get(url)
    if (remembered !== undefined) return remembered
    const route = readRoute(url)
    if (route !== undefined && route.query === '' && known.size < MAX_REMEMBERED) known.set(url, route)
    return route
  }
}

/** Reads `/<dialect>/app/<namespace>/<application>` or `/<dialect>/host`; undefined for anything else. */
export function readRoute(url: string): Route | undefined {
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const parts = SHAPE.exec(path)
  if (parts === null) return undefined
  return { dialect: parts[1] ?? '', application: parts[2], query: mark === -1 ? '' : url.slice(mark + 1) }
}
