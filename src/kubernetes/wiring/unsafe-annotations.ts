import type { Flaw } from '../../resources/status.ts'
import type { Annotations } from './annotation-map.ts'

interface UnsafeAnnotation {
  readonly isUnsafe: (value: string) => boolean
  readonly why: string
}

const always = () => true
const isOn = (value: string) => value === 'true'

/** Annotations of ingress-nginx, by what follows the prefix, that undo the check beside them. */
const UNSAFE: Readonly<Record<string, UnsafeAnnotation>> = {
  satisfy: { isUnsafe: (value) => value === 'any', why: 'lets listed addresses past the check' },
  'ssl-passthrough': { isUnsafe: isOn, why: 'hands connections to the app unseen' },
  'auth-cache-key': { isUnsafe: always, why: 'keeps answers of the check, so that a logout takes effect late' },
  'auth-cache-duration': { isUnsafe: always, why: 'drops the whole check if its value is malformed' },
  'auth-request-redirect': { isUnsafe: always, why: 'drops the whole check if its value is malformed' },
  'auth-always-set-cookie': { isUnsafe: always, why: 'drops the whole check if its value is malformed' },
  'auth-keepalive': { isUnsafe: always, why: 'mixes up the headers of the check’s answers' },
  'auth-snippet': { isUnsafe: always, why: 'can change the check at will' },
  'custom-http-errors': {
    isUnsafe: (value) => /(^|[,\s])40[13]([,\s]|$)/.test(value),
    why: 'sends refusals (401, 403) to the default backend',
  },
}

/** What is wrong with annotations of an Ingress of ingress-nginx that are not ours and undo the check. */
export function unsafeAnnotations(annotations: Annotations): Flaw[] {
  const flaws: Flaw[] = []
  for (const [name, { isUnsafe, why }] of Object.entries(UNSAFE)) {
    const key = `nginx.ingress.kubernetes.io/${name}`
    const value = annotations[key]
    if (value === undefined || !isUnsafe(value)) continue
    flaws.push({ reason: 'AnnotationUnsafe', message: `${key} ${why}; remove it` })
  }
  return flaws
}
