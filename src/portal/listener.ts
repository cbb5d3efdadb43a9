import { createServer, type RequestListener, type Server } from 'node:http'

/** Largest head of a request, in bytes: the cookies of an app that a proxy takes must not keep anybody from signing in. */
const MAX_HEADER_BYTES = 64 * 1024
/** Longer than any proxy keeps an idle connection, so that it is never we who close one under a request. */
const KEEP_ALIVE_MS = 620_000

/** Makes the server for the portal: plain HTTP/1.1, for browsers that come through the ingress. */
export function portalServer(portal: RequestListener): Server {
  return createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS }, portal)
}
