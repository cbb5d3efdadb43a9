/** What tells a browser that opens a page from a program, an XHR or a web socket. Undefined: the header is not there. */
export interface ClientHints {
  readonly accept: string | undefined
  readonly secFetchMode: string | undefined
  readonly requestedWith: string | undefined
  readonly webSocketKey: string | undefined
  readonly contentType: string | undefined
}

/**
 * Whether a redirect to a login page makes sense to the client. Anything else gets 401, since a script would follow the
 * redirect into a page of another origin and a form's body would be lost.
 */
export function isNavigation(method: string, hints: ClientHints): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (hints.requestedWith !== undefined || hints.webSocketKey !== undefined) return false
  if (hints.contentType?.startsWith('application/grpc')) return false
  if (hints.secFetchMode !== undefined) return hints.secFetchMode === 'navigate'
  return hints.accept?.includes('text/html') ?? false
}
