import type { PolicySet } from '../policy/policy-set.ts'
import { compareText } from './age.ts'
import { objectKey } from './inventory.ts'
import type { ReadObject } from './objects.ts'
import { problemText } from './problem.ts'
import { isInForce, type ObjectStatus } from './status.ts'

/** One object of a set, or one host: what it is, by digest. */
interface Part {
  readonly kind: string
  readonly name: string
  readonly digest: string
  readonly isInForce: boolean
}

/** What a set holds, so that it can be compared with the next. */
export interface SetContent {
  /** Over all parts, in hexadecimal. Equal sets have equal ones, wherever they were read. */
  readonly digest: string
  readonly parts: ReadonlyMap<string, Part>
}

/** A part that differs. */
export interface SetChange {
  readonly kind: string
  readonly name: string
  readonly change: 'added' | 'changed' | 'removed'
  readonly before: string | undefined
  readonly after: string | undefined
  readonly isInForce: boolean
}

export type ContentReader = (
  objects: readonly ReadObject[],
  served: { readonly policySet: PolicySet; readonly statuses: readonly ObjectStatus[] },
) => Generator<void, SetContent>

/** How many things are looked at in one step. */
const STEP = 500

/**
 * Makes what takes stock of sets, in short steps: the objects, and for each host which application has which path. Neither
 * the place in a file nor the order matters. What is the same as before is not digested again.
 *
 * @param hashHex SHA-256 in hexadecimal
 */
export function contentReader(hashHex: (text: string) => string): ContentReader {
  const digests = new WeakMap<ReadObject, string>()
  let hostDigests: ReadonlyMap<string, string> = new Map()

  function digestOf(object: ReadObject): string {
    const known = digests.get(object)
    if (known !== undefined) return known
    const { object: valid, claims, problems } = object
    const digest = hashHex(JSON.stringify(valid ?? { claims, problems: problems.map(problemText) }))
    digests.set(object, digest)
    return digest
  }

  /** Of several objects with one name none is in force, and all of them together are what is there. */
  function* readObjects(
    objects: readonly ReadObject[],
    inForce: ReadonlySet<string>,
  ): Generator<void, Map<string, Part>> {
    const parts = new Map<string, Part>()
    for (const [index, object] of objects.entries()) {
      const key = keyOf(object)
      const { kind, namespace, name } = object
      const others = parts.get(key)?.digest
      const own = digestOf(object)
      const digest = others === undefined ? own : hashHex([others, own].sort().join('\n'))
      parts.set(key, { kind, name: objectKey(namespace, name), digest, isInForce: inForce.has(key) })
      if (index % STEP === 0) yield
    }
    return parts
  }

  function* readHosts(hosts: PolicySet['hosts'], parts: Map<string, Part>): Generator<void, void> {
    const known = new Map<string, string>()
    for (const [host, entries] of hosts) {
      const text = [...entries.values()]
        .map(({ path, application }) => `${path || '/'} ${application.key}`)
        .sort()
        .join('\n')
      const digest = hostDigests.get(text) ?? hashHex(text)
      known.set(text, digest)
      parts.set(`Host ${host}`, { kind: 'Host', name: host, digest, isInForce: true })
      if (known.size % STEP === 0) yield
    }
    hostDigests = known
  }

  return function* read(objects, { policySet, statuses }) {
    const inForce = new Set(statuses.filter(isInForce).map(keyOf))
    yield
    const parts = yield* readObjects(objects, inForce)
    yield* readHosts(policySet.hosts, parts)
    yield
    const lines = [...parts].map(([key, part]) => `${key} ${part.digest} ${part.isInForce}`).sort()
    return { digest: hashHex(lines.join('\n')), parts }
  }
}

/** What differs, in the order of kinds and names; nothing if the digests are equal. */
export function differenceOf(before: SetContent, after: SetContent): readonly SetChange[] {
  if (before.digest === after.digest) return []
  const changes: SetChange[] = []
  for (const key of new Set([...before.parts.keys(), ...after.parts.keys()])) {
    const was = before.parts.get(key)
    const is = after.parts.get(key)
    const { kind, name } = is ?? was ?? { kind: '', name: '' }
    if (was !== undefined && was.digest === is?.digest && was.isInForce === is.isInForce) continue
    changes.push({
      kind,
      name,
      change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
      before: was?.digest,
      after: is?.digest,
      isInForce: is?.isInForce === true,
    })
  }
  return changes.sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name))
}

function keyOf({ kind, namespace, name }: Pick<ReadObject, 'kind' | 'namespace' | 'name'>): string {
  return JSON.stringify([kind, namespace ?? null, name])
}
