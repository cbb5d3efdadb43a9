import { z } from 'zod'
import { soundParts } from './sound-parts.ts'
import { bindAddress, flag, integer, path, text } from './value-kinds.ts'

const tls = z
  .strictObject({
    certFile: path('a file').describe(
      'File of the listener’s certificate, in PEM form, with those between it and its root.',
    ),
    keyFile: path('a file').describe('File of its private key, in PEM form.'),
    clientCaFile: path('a file')
      .optional()
      .describe(
        'File of the authorities, in PEM form, that client certificates have to be signed by. With it every caller needs one.',
      ),
    allowedNames: z
      .array(text('a name'))
      .max(1_000)
      .default([])
      .meta({ expects: 'a list of names' })
      .describe(
        'Names of which a client certificate has to have one: its common name, or a DNS name, URI or email address of its subject. None: every certificate of those authorities will do.',
      ),
  })
  .describe('TLS of the admin listener, from version 1.2. Files are read again when they change.')

/** The admin API on a listener of its own. */
export const admin = z
  .strictObject({
    host: bindAddress().default('127.0.0.1').describe('Address that the admin listener binds.'),
    port: integer(0, 65_535).default(9091).describe('Port of the admin listener; `0` takes any free one.'),
    tokenFile: path('a file')
      .optional()
      .describe(
        'File of the bearer token that callers need: one line of at least 32 characters. It is read anew at each call, so that the token can be changed at any moment.',
      ),
    tls: tls.optional(),
    allowPlaintext: flag()
      .default(false)
      .describe(
        'Whether callers from other hosts may send the token without TLS, because something else protects the way.',
      ),
  })
  .superRefine(
    ({ tokenFile, tls }, context) => {
      if (tokenFile !== undefined || tls?.clientCaFile !== undefined) return
      context.addIssue({ code: 'custom', message: 'an object with `tokenFile`, `tls.clientCaFile` or both' })
    },
    soundParts('tokenFile', 'tls'),
  )
  .superRefine(
    ({ host, tls, allowPlaintext }, context) => {
      if (tls !== undefined || allowPlaintext || isLoopback(host)) return
      const message = '`127.0.0.1`, because there is no `admin.tls`; or `admin.allowPlaintext: true`'
      context.addIssue({ code: 'custom', path: ['host'], message })
    },
    soundParts('host', 'tls', 'allowPlaintext'),
  )
  .optional()
  .describe('The admin API: who may list and revoke sessions. Without this object there is none.')

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
