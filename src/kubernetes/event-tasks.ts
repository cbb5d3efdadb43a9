import { apiResources } from './api-resource.ts'
import { labelOf, type Writer } from './apply.ts'
import type { Task } from './controller.ts'
import { type EventContent, kubeEvent } from './kube-event.ts'
import type { KubeObject } from './kube-object.ts'

/** An event that was told is not told again for so long, as the server keeps it for that time. */
const EVENT_KEPT_MS = 3_600_000
/** How soon one that was refused is tried again. */
const EVENT_RETRY_MS = 20_000
/** Told in one look; what is left comes with the next. */
const MOST_EVENTS = 50

/**
 * Tells people what objects come to, each of it once. One author's objects must not keep those of all others from being
 * told, be they ever so many, and be their events refused, as they are where a quota is full or a namespace is going away.
 *
 * @param options.now milliseconds since 1970
 * @returns a function that gives the events that are to be written of what one look has found
 */
export function createEventTasks(
  writer: Pick<Writer, 'create'>,
  { now, instance }: { readonly now: () => number; readonly instance: string },
): (contents: readonly EventContent[]) => Task[] {
  const tried = new Map<string, { readonly at: number; readonly isTold: boolean }>()

  return (contents) => {
    for (const [name, { at }] of tried) if (now() - at > EVENT_KEPT_MS) tried.delete(name)
    // The first of a kind about an object tells enough.
    const firsts = new Map(contents.toReversed().map((one) => [`${one.about.metadata.uid} ${one.reason}`, one]))
    const due = [...firsts.values()].flatMap((content) => {
      const event = kubeEvent(content, { now: now(), instance })
      const { at = 0, isTold = false } = tried.get(event.metadata.name) ?? {}
      return isTold || now() - at < EVENT_RETRY_MS ? [] : [{ event, at }]
    })
    // What was refused comes after all that has not been tried.
    return due
      .sort((one, other) => one.at - other.at)
      .slice(0, MOST_EVENTS)
      .map(({ event }) => ({ key: labelOf(event), run: () => tell(event) }))
  }

  async function tell(event: KubeObject): Promise<void> {
    const { name } = event.metadata
    tried.set(name, { at: now(), isTold: false })
    await writer.create(apiResources.events, event)
    tried.set(name, { at: now(), isTold: true })
  }
}
