import type { ConditionReason, ConditionType } from '../resources/condition-reasons.ts'
import { fieldOf, isRecord } from '../resources/raw-value.ts'
import type { Condition, Flaw, ObjectStatus } from '../resources/status.ts'
import { contains } from './difference.ts'

/** A condition as the API server keeps it (metav1.Condition). */
export interface KubeCondition {
  readonly type: ConditionType
  readonly status: Condition['status']
  readonly reason: ConditionReason
  readonly message: string
  readonly observedGeneration: number
  /** RFC 3339. */
  readonly lastTransitionTime: string
}

/** `status` of one of our objects. */
export interface KubeStatus {
  readonly observedGeneration: number
  readonly conditions: readonly KubeCondition[]
  readonly audience?: string
}

/** What the controller adds to what compiling found. */
export interface WiringFindings {
  readonly flaws: readonly Flaw[]
  readonly note: string | undefined
}

/** Longest message that is kept whole; metav1.Condition allows 32 KiB. */
const LONGEST_MESSAGE = 4096

/**
 * The status that an object has to show.
 *
 * @param generation of the very object that was compiled
 * @param present the status that it shows now
 * @param now RFC 3339
 * @returns undefined if it shows that already; else with the conditions that turned, for events
 */
export function statusToWrite(
  found: ObjectStatus,
  { generation, present, now }: { readonly generation: number; readonly present: unknown; readonly now: string },
  wiring?: WiringFindings,
): { readonly status: KubeStatus; readonly turned: readonly KubeCondition[] } | undefined {
  const before = presentConditions(present)
  const conditions = withWiring(found.conditions, wiring).map(({ type, status, reason, message }) => {
    const old = before.get(type)
    const lastTransitionTime = fieldOf(old, 'status') === status ? fieldOf(old, 'lastTransitionTime') : now
    return {
      type,
      status,
      reason,
      message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
      observedGeneration: generation,
      lastTransitionTime: typeof lastTransitionTime === 'string' ? lastTransitionTime : now,
    }
  })
  const status: KubeStatus = {
    observedGeneration: generation,
    conditions,
    ...(found.audience === undefined ? {} : { audience: found.audience }),
  }
  if (contains(present, status) && before.size === conditions.length) return undefined
  const turned = conditions.filter(({ type, status: now, reason }) => {
    const old = before.get(type)
    return fieldOf(old, 'status') !== now || fieldOf(old, 'reason') !== reason
  })
  return { status, turned }
}

/** An application is programmed once it is in force and its proxy asks about it. */
function withWiring(conditions: readonly Condition[], wiring: WiringFindings | undefined): readonly Condition[] {
  if (wiring === undefined) return conditions
  return conditions.map((condition) => {
    if (condition.type !== 'Programmed') return condition
    const messages = [condition.message, ...wiring.flaws.map(({ message }) => message), wiring.note ?? '']
    const message = messages.filter((text) => text !== '').join('\n')
    const [flaw] = wiring.flaws
    if (flaw === undefined) return { ...condition, message }
    // What keeps the object itself out of force goes before what is wrong around it.
    const reason = condition.status === 'True' ? flaw.reason : condition.reason
    return { ...condition, status: 'False' as const, reason, message }
  })
}

function presentConditions(present: unknown): ReadonlyMap<unknown, unknown> {
  const conditions = fieldOf(present, 'conditions')
  if (!Array.isArray(conditions)) return new Map()
  return new Map(conditions.filter(isRecord).map((condition) => [condition.type, condition]))
}
