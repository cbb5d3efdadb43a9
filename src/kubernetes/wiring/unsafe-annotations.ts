import type { Flaw } from '../../resources/status.ts'
import type { Annotations } from './annotation-map.ts'

interface UnsafeAnnotation {
  readonly isUnsafe: (value: string) => boolean
  readonly why: string
  /** Whether the app would be answered unchecked, unless it is answered by nobody. */
  readonly opens: boolean
  /** What is the case as long as it stands there. Default: nobody is let in if it opens. */
  readonly until?: string
}

const always = () => true
/** The controller reads more spellings than one, some with blanks around them; only the plain one is taken at its word. */
const isNot = (safe: string) => (value: string) => value !== safe
const isNoFlag = (value: string) => value !== 'true' && value !== 'false'

/** Annotations of ingress-nginx, by what follows the prefix, that undo the check beside them. */
const UNSAFE: Readonly<Record<string, UnsafeAnnotation>> = {
  satisfy: { isUnsafe: isNot('all'), why: 'lets listed addresses past the check', opens: true },
  'ssl-passthrough': {
    isUnsafe: isNot('false'),
    why: 'hands TLS connections to the app unseen, and so unchecked, where the controller runs with --enable-ssl-passthrough',
    opens: true,
    until: 'until then the app is open there',
  },
  'auth-cache-key': {
    isUnsafe: always,
    why: 'keeps answers of the check, so that a logout takes effect late',
    opens: false,
  },
  'auth-cache-duration': { isUnsafe: always, why: 'drops the whole check if its value is malformed', opens: true },
  'auth-request-redirect': { isUnsafe: always, why: 'drops the whole check if its value is malformed', opens: true },
  'auth-always-set-cookie': {
    isUnsafe: isNoFlag,
    why: 'drops the whole check, as it is no true or false',
    opens: true,
  },
  'auth-keepalive': { isUnsafe: always, why: 'mixes up the headers of the check’s answers', opens: false },
  'auth-snippet': { isUnsafe: always, why: 'can change the check at will', opens: true },
  'custom-http-errors': {
    isUnsafe: (value) => /(^|[,\s])[+]?0*40[13]([,\s]|$)/.test(value),
    why: 'sends refusals (401, 403) to the default backend',
    opens: true,
  },
}

/** What is wrong with annotations of an Ingress of ingress-nginx that are not ours and undo the check. */
export function unsafeAnnotations(annotations: Annotations): Flaw[] {
  const flaws: Flaw[] = []
  for (const [name, { isUnsafe, why, opens, until }] of Object.entries(UNSAFE)) {
    const key = `nginx.ingress.kubernetes.io/${name}`
    const value = annotations[key]
    if (value === undefined || !isUnsafe(value)) continue
    const shut = until ?? (opens ? 'until then nobody is let in' : '')
    const message = [`${key} ${why}; remove it`, shut].filter((part) => part !== '').join('; ')
    flaws.push({ reason: 'AnnotationUnsafe', message })
  }
  return flaws
}

/** Whether any of them would let requests past the check, so that the app has to be shut altogether. */
export function opensUnchecked(annotations: Annotations): boolean {
  return Object.entries(UNSAFE).some(([name, { isUnsafe, opens }]) => {
    const value = annotations[`nginx.ingress.kubernetes.io/${name}`]
    return opens && value !== undefined && isUnsafe(value)
  })
}
