import { isRecord } from '../../resources/raw-value.ts'
import type { KubeObject } from '../kube-object.ts'

export type Annotations = Readonly<Record<string, string>>

/** The annotations of an object, as far as they are text. */
export function annotationsOf({ metadata }: KubeObject): Annotations {
  const all: unknown = metadata.annotations
  if (!isRecord(all)) return {}
  // The API server admits nothing else; of 10,000 objects a copy each is felt.
  if (isAllText(all)) return all
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => isText(entry[1])))
}

function isAllText(all: Readonly<Record<string, unknown>>): all is Annotations {
  return Object.values(all).every(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
