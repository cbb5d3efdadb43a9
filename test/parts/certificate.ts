import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/**
 * A certificate for test servers, for `localhost`, `*.localhost`, 127.0.0.1 and the names one label below `example.com`,
 * `example.org`, `example.net`, `example.test` and `other.test`. Its authority, whose key nobody has, is trusted by nobody
 * but processes that call `trustTestAuthority`.
 */
export const testCertificate = {
  certFile: fixture('certificate.pem'),
  keyFile: fixture('key.pem'),
  authorityFile: fixture('authority.pem'),
} as const

/** The certificate and its key as text. */
export function testCertificatePem(): { readonly cert: string; readonly key: string } {
  return { cert: readFileSync(testCertificate.certFile, 'utf8'), key: readFileSync(testCertificate.keyFile, 'utf8') }
}

/** Makes this process, `fetch` included, trust test servers. Harmless when repeated. */
export function trustTestAuthority(): void {
  const authority = readFileSync(testCertificate.authorityFile, 'utf8')
  const trusted = getCACertificates('default')
  if (!trusted.includes(authority)) setDefaultCACertificates([...trusted, authority])
}
