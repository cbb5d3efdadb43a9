import type { Answer } from '../../src/pages/answer.ts'

/** A `Set-Cookie` line taken apart. An attribute that is none of ours is an error. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly maxAge: number
  readonly isHttpOnly: boolean
  readonly isSecure: boolean
  readonly sameSite: string
}

export function setCookies({ headers }: Pick<Answer, 'headers'>): SetCookie[] {
  return headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, line]) => readSetCookie(line))
}

export function readSetCookie(line: string): SetCookie {
  const [pair = '', ...attributes] = line.split('; ')
  const equals = pair.indexOf('=')
  const found = new Map(
    attributes.map((attribute) => {
      const [name = '', value = ''] = attribute.split('=')
      return [name, value]
    }),
  )
  for (const name of found.keys()) {
    if (!['Path', 'Max-Age', 'HttpOnly', 'Secure', 'SameSite'].includes(name)) throw new Error(`${name} in ${line}`)
  }
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: found.get('Path') ?? '',
    maxAge: Number(found.get('Max-Age')),
    isHttpOnly: found.has('HttpOnly'),
    isSecure: found.has('Secure'),
    sameSite: found.get('SameSite') ?? '',
  }
}
