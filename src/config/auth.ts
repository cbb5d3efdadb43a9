import { z } from 'zod'
import { isHostName, text } from './value-kinds.ts'

const URL_SHAPE = /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?\/?$/i

/** The auth host. */
export const auth = z
  .strictObject({
    url: text('a URL of scheme, host and port alone, such as `https://auth.example.com`', isPlainUrl).describe(
      'URL of the auth host. Its scheme and port are those of every app.',
    ),
  })
  .transform(({ url }) => ({ url: new URL(url).origin }))
  .describe('The auth host: the one public host of Gatehouse itself.')

/** Whether only this machine answers for a host, by its name. */
export function isLocalHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function isPlainUrl(url: string): boolean {
  return URL_SHAPE.test(url) && URL.canParse(url) && isHostName(new URL(url).hostname)
}
