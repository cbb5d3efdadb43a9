import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import { type Annotations, annotationsOf } from './annotation-map.ts'
import type { IngressController, Keys, Protected } from './ingress-controller.ts'
import { RESPONSE_HEADERS } from './response-headers.ts'
import { unaskedFlaws, unaskedPaths } from './unasked-paths.ts'
import { opensUnchecked, unsafeAnnotations } from './unsafe-annotations.ts'
import type { WiringSettings } from './wiring.ts'

const PREFIX = 'nginx.ingress.kubernetes.io/'
const AUTH_URL = `${PREFIX}auth-url`
const AUTH_SIGNIN = `${PREFIX}auth-signin`
const RESPONSE = `${PREFIX}auth-response-headers`
const BUFFER = `${PREFIX}proxy-buffer-size`
/** Of TLS connections, which are then answered whatever else the Ingress says. */
const PASSTHROUGH = `${PREFIX}ssl-passthrough`

const QUERY = '?m=$request_method&h=$host&u=$escaped_request_uri'
const SIGNIN = '$host/.gatehouse/login?rd=$escaped_request_uri'
const BUFFER_SIZE = '16k'
const BUFFER_BYTES = 16 * 1024

/** No URL: the controller answers 503 in place of the app. */
const SHUT = 'shut'

const CHECK_URL = /^https?:\/\/[^/?#\s]+\/ingress-nginx\/(?:host|app\/[a-z0-9.-]+\/[a-z0-9.-]*)(?=\?)/
const SIZE = /^(\d{1,9})([kKmM]?)$/
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 * 1024 }

/**
 * kubernetes/ingress-nginx, which asks by its annotations `auth-url` and `auth-signin`. Second instances in a cluster have
 * a controller name of their own, of the same make.
 */
export const ingressNginx: IngressController = {
  name: 'ingress-nginx',
  legacyClass: 'nginx',
  guide: 'docs/guides/ingress-nginx.md',
  isMeantBy: (controller) => /^k8s\.io\/.*nginx/.test(controller),
  keys,
  objects: () => ({ objects: [], flaws: [] }),
  takeBack(annotations) {
    const isOurs: Readonly<Record<string, (value: string) => boolean>> = {
      [AUTH_URL]: isOurUrl,
      [AUTH_SIGNIN]: isOurSignin,
      [RESPONSE]: isOurList,
      [BUFFER]: (value) => value === BUFFER_SIZE,
    }
    const remove = Object.keys(isOurs).filter((key) => isOurs[key]?.(annotations[key] ?? '') === true)
    return { set: {}, remove }
  },
  // Without `tls`: an entry without a certificate could take the place of the app's own. With a path type that the
  // controller does not check for characters, and without any default that asks for a login: there it begins.
  portalShape: () => ({
    annotations: { [BUFFER]: BUFFER_SIZE, [`${PREFIX}enable-global-auth`]: 'false' },
    pathType: 'ImplementationSpecific',
    hasTls: false,
  }),
  readsRegex: (annotations) =>
    isTrue(annotations[`${PREFIX}use-regex`]) || Boolean(annotations[`${PREFIX}rewrite-target`]),
  asksGatehouse: (annotations) => isOurUrl(annotations[AUTH_URL] ?? '') && !opensUnchecked(annotations),
  asksThisGatehouse(ingress, annotations, settings) {
    const { [AUTH_URL]: url = '', [PASSTHROUGH]: passthrough = 'false' } = annotations
    const isShut = url === SHUT && passthrough === 'false'
    const isOpen = opensUnchecked(annotations) || unaskedPaths(ingress).length > 0
    const isChecked = isOurUrl(url) && url.startsWith(`${settings.checkUrl}/`) && !isOpen
    return (isShut || isChecked) && !isCanary(annotations)
  },
  isShadow: isCanary,
  mayPreferWildcards: false,
  joinsNames: false,
  note: (className) =>
    `If Traefik serves the class ${className} in place of ingress-nginx and does not fill in the variables of auth-url, everybody is refused with annotations-unsupported; then use a class of traefik.io/ingress-controller.`,
}

function keys(ingress: KubeObject, application: Protected, settings: WiringSettings): Keys {
  const annotations = annotationsOf(ingress)
  // An empty annotation counts as none, for the controller too.
  const {
    [AUTH_URL]: url = '',
    [AUTH_SIGNIN]: signin = '',
    [RESPONSE]: response = '',
    [BUFFER]: buffer = '',
  } = annotations
  const unasked = unaskedPaths(ingress)
  const unsafe = [...unsafeAnnotations(annotations), ...unaskedFlaws(unasked)]
  // Beside somebody else's check ours would send people to a login that it knows nothing of.
  if (url.trim() !== '' && !isOurUrl(url)) return { set: {}, flaws: [foreign(AUTH_URL), ...unsafe] }
  const set: Record<string, string> = {
    [AUTH_URL]: opensUnchecked(annotations) || unasked.length > 0 ? SHUT : checkUrl(application, settings),
  }
  const flaws: Flaw[] = []
  if (signin.trim() === '' || isOurSignin(signin)) set[AUTH_SIGNIN] = `${settings.scheme}://${SIGNIN}`
  else flaws.push(foreign(AUTH_SIGNIN))
  if (response.trim() === '' || isOurList(response)) set[RESPONSE] = RESPONSE_HEADERS.join(',')
  else flaws.push(foreign(RESPONSE))
  if (!isEnough(buffer) || buffer === BUFFER_SIZE) set[BUFFER] = BUFFER_SIZE
  return { set, flaws: [...flaws, ...unsafe] }
}

function checkUrl({ namespace, application }: Protected, settings: WiringSettings): string {
  return `${settings.checkUrl}/ingress-nginx/app/${namespace}/${application}${QUERY}`
}

/** A canary has no check of its own. */
function isCanary(annotations: Annotations): boolean {
  return isTrue(annotations[`${PREFIX}canary`])
}

/** As the controller reads it, by `strconv.ParseBool` of Go. */
function isTrue(value = ''): boolean {
  return /^(?:1|t|T|true|True|TRUE)$/.test(value)
}

/** Of any application, of none yet (an Ingress whose name was to be made), and of a Gatehouse at another address. */
function isOurUrl(url: string): boolean {
  const [start] = CHECK_URL.exec(url) ?? []
  return url === SHUT || (start !== undefined && url.slice(start.length) === QUERY)
}

function isOurSignin(url: string): boolean {
  return url === `https://${SIGNIN}` || url === `http://${SIGNIN}`
}

/** Whether a list of headers is one that we wrote, perhaps an earlier version. */
function isOurList(list: string): boolean {
  const headers = list.split(',').map((header) => header.trim())
  const known: readonly string[] = RESPONSE_HEADERS
  return headers.includes(RESPONSE_HEADERS[0]) && headers.every((header) => known.includes(header))
}

function isEnough(size: string): boolean {
  const [, digits, unit = ''] = SIZE.exec(size) ?? []
  return digits !== undefined && Number(digits) * (UNITS[unit.toLowerCase()] ?? 0) >= BUFFER_BYTES
}

function foreign(key: string): Flaw {
  return {
    reason: 'AnnotationConflict',
    message: `${key} has a value that is not of Gatehouse, and was left as it is; remove it, and Gatehouse writes its own`,
  }
}
