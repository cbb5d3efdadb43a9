import type { AccessRequest } from '../policy/access-request.ts'
import { type ClientAddressSource, clientAddress } from '../policy/client-address.ts'
import { canonicalHost } from '../policy/host.ts'
import { isHttpMethod } from '../policy/http-method.ts'
import { isNavigation } from '../policy/navigation.ts'
import { readTarget } from '../policy/path.ts'
import type { Reason } from '../policy/reasons.ts'
import type { Dialect, ProxyCall, Reported } from './dialects/dialect.ts'
import { type Fields, fieldReader } from './fields.ts'

/** Turns a proxy's calls in one dialect into requests. */
export interface Reader {
  readonly dialect: Dialect
  /** The one request that the call describes, or why it does not describe exactly one. */
  readonly read: (call: ProxyCall) => AccessRequest | Reason
}

/**
 * @param source where the client's address stands
 * @param publicPort the port that apps are published on
 */
export function createReader(dialect: Dialect, source: ClientAddressSource, publicPort: number): Reader {
  const readFields = fieldReader({ ...dialect.headers, clientAddress: source.header })

  return {
    dialect,
    read({ query, rawHeaders }) {
      const fields = readFields(rawHeaders)
      if (typeof fields === 'string') return fields
      const reported: Reported | Reason = dialect.fromQuery === undefined ? fields : dialect.fromQuery(query)
      return typeof reported === 'string' ? reported : accessRequest(reported, fields, source.trustedHops, publicPort)
    },
  }
}

function accessRequest(
  { method, host, target }: Reported,
  fields: Fields,
  trustedHops: number,
  publicPort: number,
): AccessRequest | Reason {
  if (!method || !host || !target) return 'request-incomplete'
  if (!isHttpMethod(method)) return 'request-method-invalid'
  const canonical = canonicalHost(host, publicPort)
  if (canonical === undefined) return 'request-host-invalid'
  const read = readTarget(target)
  if (typeof read === 'string') return read
  return {
    method,
    host: canonical,
    path: read.path,
    query: read.query,
    clientAddress: clientAddress(fields.clientAddress, trustedHops),
    isNavigation: isNavigation(method, fields),
    credentials: { cookies: fields.cookies, token: fields.token },
  }
}
