import { wildcardOf } from '../../policy/host.ts'
import { fieldOf } from '../../resources/raw-value.ts'

/** Whether `spec.tls` of an Ingress covers a host: by name, by a wildcard, or because it names none. */
export function hasTlsFor(spec: unknown, host: string): boolean {
  const tls = fieldOf(spec, 'tls')
  if (!Array.isArray(tls)) return false
  return tls.some((entry: unknown) => {
    const hosts = fieldOf(entry, 'hosts')
    if (!Array.isArray(hosts) || hosts.length === 0) return true
    return hosts.includes(host) || hosts.includes(wildcardOf(host))
  })
}
