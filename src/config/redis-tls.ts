import { z } from 'zod'
import { soundParts } from './sound-parts.ts'
import { fileText, isHostName, secret, text } from './value-kinds.ts'

const isPem = (value: string) => value.includes('-----BEGIN ')

/** TLS towards servers that `whom` names. */
export function redisTls(whom: string) {
  return z
    .strictObject({
      ca: fileText('certificates in PEM form', isPem)
        .optional()
        .describe('Certificates that the server’s must be signed by, in place of the system’s own.'),
      cert: fileText('a certificate in PEM form', isPem)
        .optional()
        .describe('Certificate of this client, for a server that asks for one.'),
      key: secret('a private key in PEM form', isPem).optional().describe('Private key of `cert`.'),
      serverName: text('a host name in lower case', isHostName)
        .optional()
        .describe('Name that the server’s certificate must hold, if it is not the host that is connected to.'),
    })
    .superRefine(
      ({ cert, key }, context) => {
        if ((cert === undefined) === (key === undefined)) return
        const [missing, given] = cert === undefined ? ['cert', 'key'] : ['key', 'cert']
        context.addIssue({ code: 'custom', path: [missing], message: `a value, because \`${given}\` is given` })
      },
      soundParts('cert', 'key'),
    )
    .transform(({ serverName, ...certificates }) => ({ ...certificates, servername: serverName }))
    .describe(`${whom} Certificates are always verified.`)
}
