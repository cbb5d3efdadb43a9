import type { Flaw } from '../../resources/status.ts'
import { durationText } from '../../resources/v1alpha1/duration.ts'
import { namespaceName, objectName, providerName } from '../../resources/v1alpha1/names.ts'
import type { KubeObject } from '../kube-object.ts'
import { type Annotations, annotationsOf } from './annotation-map.ts'
import { ANNOTATION_PREFIX } from './wiring.ts'

export const POLICIES = `${ANNOTATION_PREFIX}policies`
export const APPLICATION = `${ANNOTATION_PREFIX}application`
export const SESSION_DURATION = `${ANNOTATION_PREFIX}session-duration`
export const IDENTITY_PROVIDERS = `${ANNOTATION_PREFIX}identity-providers`
/** The mark of what we wired: names of proxies, separated by commas. */
export const WIRED = `${ANNOTATION_PREFIX}wired`

const KNOWN: ReadonlySet<string> = new Set([POLICIES, APPLICATION, SESSION_DURATION, IDENTITY_PROVIDERS, WIRED])
const MOST = 64
const MOST_NAMED = 3

/** What the annotations say about the application that is to be made. */
export interface ApplicationSettings {
  readonly policies: readonly { readonly name: string; readonly namespace?: string }[]
  readonly identityProviders?: readonly string[] | undefined
  readonly sessionDuration?: string | undefined
}

/** What the author of an annotated object wants. */
export interface Intent {
  /** Name of the application, in the namespace of the object. */
  readonly applicationName: string
  /** Undefined: the application is the author's own object, and none is to be made. */
  readonly settings: ApplicationSettings | undefined
  readonly flaws: readonly Flaw[]
}

/** The settings of an application that lets nobody in. */
export const CLOSED: ApplicationSettings = { policies: [] }

/**
 * Reads the annotations `policies`, `application`, `session-duration` and `identity-providers`. What is wrong with any of
 * them makes the settings closed: a part that is left out could let in more people than the author meant.
 *
 * @returns undefined if the object is not to be protected
 */
export function readIntent(object: KubeObject): Intent | undefined {
  const annotations = annotationsOf(object)
  const { [POLICIES]: policies, [APPLICATION]: application } = annotations
  const ownName = object.metadata.name
  const strays = strayFlaws(annotations)
  if (application !== undefined && policies !== undefined) {
    const flaw = invalid(
      `${POLICIES} and ${APPLICATION} exclude each other; nobody is let in until one of them is removed`,
    )
    return { applicationName: ownName, settings: CLOSED, flaws: [flaw, ...strays] }
  }
  if (policies !== undefined) return { applicationName: ownName, ...readSettings(policies, annotations, strays) }
  if (application === undefined) {
    // Whoever has misspelt an annotation meant the app to be protected.
    return strays.length === 0 ? undefined : { applicationName: ownName, settings: CLOSED, flaws: strays }
  }
  const idle = [SESSION_DURATION, IDENTITY_PROVIDERS].filter((key) => annotations[key] !== undefined)
  const flaws = [
    ...idle.map((key) => invalid(`${key} has no effect beside ${APPLICATION}; set it in the application`)),
    ...strays,
  ]
  const name = application.trim()
  if (objectName.safeParse(name).success) return { applicationName: name, settings: undefined, flaws }
  const flaw = invalid(`${APPLICATION}: ${quoted(application)} is no name of an AccessApplication of this namespace`)
  return { applicationName: ownName, settings: undefined, flaws: [flaw, ...flaws] }
}

/** Annotations of an object that is not to be protected that do nothing by themselves. */
export function idleAnnotations(object: KubeObject): Flaw[] {
  const annotations = annotationsOf(object)
  return [SESSION_DURATION, IDENTITY_PROVIDERS]
    .filter((key) => annotations[key] !== undefined)
    .map((key) => invalid(`${key} protects nothing by itself, and the app is open; add ${POLICIES}`))
}

function readSettings(
  policies: string,
  annotations: Annotations,
  strays: readonly Flaw[],
): Omit<Intent, 'applicationName'> {
  const flaws: Flaw[] = []
  const { [IDENTITY_PROVIDERS]: providers, [SESSION_DURATION]: duration } = annotations
  const settings: ApplicationSettings = {
    policies: readList(POLICIES, policies, policyReference, 'policy names such as engineers', flaws),
    identityProviders:
      providers === undefined
        ? undefined
        : readList(IDENTITY_PROVIDERS, providers, readProvider, 'names of IdentityProviders such as staff', flaws),
    sessionDuration: duration?.trim(),
  }
  if (duration !== undefined && !durationText.safeParse(duration.trim()).success) {
    flaws.push(invalid(`${SESSION_DURATION}: ${quoted(duration)} is no duration from 1m to 8760h, such as 24h or 30m`))
  }
  flaws.push(...strays)
  return flaws.length === 0 ? { settings, flaws } : { settings: CLOSED, flaws }
}

/** Reads names that commas separate; adds to `flaws` whatever is none. */
function readList<Item>(
  key: string,
  text: string,
  read: (name: string) => Item | undefined,
  expected: string,
  flaws: Flaw[],
): Item[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.length > MOST) {
    flaws.push(invalid(`${key}: expected at most ${MOST} names, not ${names.length}`))
    return []
  }
  const items = names.map(read)
  const wrong = items.indexOf(undefined)
  if (wrong !== -1) {
    flaws.push(invalid(`${key}: expected ${expected}, separated by commas, not ${quoted(names[wrong] ?? '')}`))
  }
  return items.filter((item) => item !== undefined)
}

function policyReference(text: string): ApplicationSettings['policies'][number] | undefined {
  const slash = text.indexOf('/')
  const name = text.slice(slash + 1)
  if (!objectName.safeParse(name).success) return undefined
  if (slash === -1) return { name }
  const namespace = text.slice(0, slash)
  return namespaceName.safeParse(namespace).success ? { name, namespace } : undefined
}

function readProvider(text: string): string | undefined {
  return providerName.safeParse(text).success ? text : undefined
}

/** A misspelt annotation would do nothing, and nobody would notice. */
function strayFlaws(annotations: Annotations): Flaw[] {
  const strays = Object.keys(annotations).filter((key) => key.startsWith(ANNOTATION_PREFIX) && !KNOWN.has(key))
  if (strays.length === 0) return []
  const names = [...KNOWN].filter((known) => known !== WIRED).map((known) => known.slice(ANNOTATION_PREFIX.length))
  const more = strays.length > MOST_NAMED ? ` and ${strays.length - MOST_NAMED} more` : ''
  const what = `${strays.slice(0, MOST_NAMED).join(', ')}${more}: no annotation that Gatehouse knows`
  return [invalid(`${what}; it knows ${names.join(', ')}`)]
}

function invalid(message: string): Flaw {
  return { reason: 'AnnotationInvalid', message }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
