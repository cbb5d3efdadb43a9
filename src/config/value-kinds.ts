import { isIP } from 'node:net'
import { z } from 'zod'

declare module 'zod' {
  interface GlobalMeta {
    /** What a value has to be, as the end of "expected …". */
    expects?: string
    /** Never shown, and refused if it is a placeholder. */
    isSecret?: boolean
    /** May be given as `<name>File` instead: the path of a file whose content is the value. */
    isFromFile?: boolean
    /** A path, resolved against the folder of the configuration file. */
    isPath?: boolean
    /** Of a path: the setting beside it whose value the file holds, at the start and later on. */
    holds?: string
  }
}

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/
const HEADER_NAME = /^[A-Za-z0-9-]{1,100}$/
const PLACEHOLDER =
  /^(?:change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|it)|placeholder|example|secret|password|passw0rd|default|todo|tbd|none|null|undefined|x{3,}|\*+|your[-_ ].*|my[-_ ]?(?:secret|password)|insert[-_ ].*|<.*>|\$\{.*\}|\$\(.*\)|\{\{.*\}\})[!.\d]*$/i

/** Whether a text is a host name in lower case, without port. */
export function isHostName(text: string): boolean {
  return HOST.test(text)
}

/** Whether a secret is one of the texts that stand in examples for a real one, or a variable nobody filled in. */
export function isPlaceholder(secret: string): boolean {
  return PLACEHOLDER.test(secret.trim())
}

const LONGEST_TEXT = 100_000

/** A text that is not empty and passes a test. */
export function text(expects: string, isSound: (text: string) => boolean = () => true) {
  const test = (value: string) => value !== '' && value.length <= LONGEST_TEXT && isSound(value)
  return z.string().refine(test, { error: expects }).meta({ expects })
}

/** A whole number between two limits, both included. */
export function integer(min: number, max: number) {
  const expects = `a whole number from ${min} to ${max}`
  const test = (value: number) => Number.isInteger(value) && value >= min && value <= max
  return z.number().refine(test, { error: expects }).meta({ expects })
}

export function flag() {
  return z.boolean().meta({ expects: '`true` or `false`' })
}

export function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values).meta({ expects: `one of ${values.map((value) => `\`${value}\``).join(', ')}` })
}

/** Path of a file or folder. */
export function path(of: string) {
  return text(`the path of ${of}`, (value) => !value.includes('\0')).meta({ isPath: true })
}

/** The path of a file that holds the value of the setting `name` beside it, and that is followed while the service runs. */
export function followedFile(name: string) {
  return path('a file').meta({ holds: name })
}

/** A value that must not be seen and that may come from a file of its own. */
export function secret(expects: string, isSound?: (text: string) => boolean) {
  return text(expects, (value) => isPlaceholder(value) || isSound === undefined || isSound(value))
    .refine((value) => !isPlaceholder(value), { error: 'a secret of your own in place of the placeholder' })
    .meta({ isSecret: true, isFromFile: true })
}

/** A secret that has a `followedFile` beside it. */
export function followedSecret(expects: string) {
  return secret(expects).meta({ isFromFile: false })
}

/** A text of several lines that is no secret, and that may come from a file of its own. */
export function fileText(expects: string, isSound?: (text: string) => boolean) {
  return text(expects, isSound).meta({ isFromFile: true })
}

export function namespaceName() {
  return text('the name of a Kubernetes namespace: at most 63 of a-z, 0-9 and `-`', (value) => NAMESPACE.test(value))
}

export function objectName() {
  return text('the name of a Kubernetes object: at most 253 of a-z, 0-9, `-` and `.`', (value) =>
    OBJECT_NAME.test(value),
  )
}

export function headerName() {
  return text('the name of a header: letters, digits and `-`', (value) => HEADER_NAME.test(value))
}

/** Where a listener binds. */
export function bindAddress() {
  return text('an IP address or a host name', (value) => isIP(value) !== 0 || isHostName(value))
}

export function hostPattern() {
  return text('a host name in lower case without port, or `*.` and a host name', (value) =>
    isHostName(value.startsWith('*.') ? value.slice(2) : value),
  )
}
