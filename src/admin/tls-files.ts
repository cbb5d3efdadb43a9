import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:https'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { AdminPorts } from './ports.ts'

/** Where the certificates of the listener are. */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Undefined: clients need no certificate. */
  readonly clientCaFile?: string | undefined
}

/** What is to hold the credentials of the admin listener holds none that can be used: it does not start so. */
export class AdminCredentialsError extends Error {
  override readonly name = 'AdminCredentialsError'
}

/**
 * Reads the certificates, for TLS 1.2 and later.
 *
 * @throws AdminCredentialsError if a file cannot be read, is not in PEM form, or the key is not the certificate's
 */
export async function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<SecureContextOptions> {
  const certificates = (file: string) => checkedContent(file, 'certificates', certificatesIn)
  const [cert, key, ca] = await Promise.all([
    certificates(certFile),
    checkedContent(keyFile, 'a private key', createPrivateKey),
    clientCaFile === undefined ? undefined : certificates(clientCaFile),
  ])
  const options: SecureContextOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: 'TLSv1.2',
    // A session that is resumed shows no certificate again; it would outlive a change of the authority.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw new AdminCredentialsError(`${keyFile} has to hold the private key of ${certFile}`, { cause: error })
  }
  return options
}

/**
 * Lets a server take over certificates that change, for connections from then on. What cannot be used is reported, and those
 * before stay in use.
 *
 * @returns ends it
 */
export function followTlsFiles(
  server: Server,
  files: TlsFiles,
  inUse: SecureContextOptions,
  {
    events,
    everyMs,
  }: { readonly events: Pick<AdminPorts['events'], 'adminCredentialsTrouble'>; readonly everyMs: number },
): () => void {
  let current = textOf(inUse)
  let problem: string | undefined
  let isLooking = false

  const report = (found: string | undefined) => {
    if (found !== problem) events.adminCredentialsTrouble({ problem: found })
    problem = found
  }
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      const options = await readTlsFiles(files)
      if (textOf(options) !== current) {
        server.setSecureContext(options)
        // Connections that were let in by the certificates before.
        server.closeIdleConnections()
        current = textOf(options)
      }
      report(undefined)
    } catch (error) {
      report(error instanceof Error ? error.message : String(error))
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(look, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * What a file holds. It is looked into here, since a file that is empty, as it is while somebody writes it, would make a
 * server without a certificate, or one that trusts every authority of the system.
 */
async function checkedContent(file: string, what: string, parse: (text: string) => unknown): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AdminCredentialsError(`${file} cannot be read`, { cause })
  })
  try {
    parse(text)
    return text
  } catch (cause) {
    throw new AdminCredentialsError(`${file} has to hold ${what} in PEM form`, { cause })
  }
}

function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const begun = text.split('-----BEGIN CERTIFICATE-----').length - 1
  if (blocks.length === 0 || blocks.length !== begun) throw new Error('no whole certificates')
  return blocks.map((block) => new X509Certificate(block))
}

function textOf({ cert, key, ca }: SecureContextOptions): string {
  return JSON.stringify([cert, key, ca])
}
