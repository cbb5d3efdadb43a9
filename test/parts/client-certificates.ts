import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/clients/${name}`, import.meta.url))

/** The authority of the client certificates below; nobody has its key any more. */
export const clientAuthorityFile = fixture('authority.pem')

/**
 * Client certificates for tests: `deployer` has that common name; `robot` has none, but the names
 * `spiffe://example.com/robot` and `robot.example.com`; `server` is one for servers alone; `expired` is too old; `stranger`
 * calls itself `deployer`, too, and is signed by another authority.
 */
export type ClientName = 'deployer' | 'robot' | 'server' | 'expired' | 'stranger'

/** Where a client certificate and its key are. */
export function clientCertificateFiles(name: ClientName): { readonly certFile: string; readonly keyFile: string } {
  return { certFile: fixture(`${name}.pem`), keyFile: fixture(`${name}-key.pem`) }
}

/** A client certificate and its key as text. */
export function clientCertificate(name: ClientName): { readonly cert: string; readonly key: string } {
  const { certFile, keyFile } = clientCertificateFiles(name)
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
