import type { ConditionReason, ConditionType } from './condition-reasons.ts'
import type { Position } from './objects.ts'

export interface Condition {
  readonly type: ConditionType
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: ConditionReason
  /** For people; empty where the reason says it all. */
  readonly message: string
}

/** What an object shows of itself. */
export interface ObjectStatus {
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
  readonly position: Position | undefined
  /** Accepted, ResolvedRefs, Programmed, in this order. */
  readonly conditions: readonly Condition[]
  /** Of an AccessApplication: what its tokens are for, which origins verify. */
  readonly audience: string | undefined
}

/** Something that keeps a condition from being true. */
export interface Flaw {
  readonly reason: ConditionReason
  readonly message: string
}

export interface Findings {
  readonly accepted: readonly Flaw[]
  /** Undefined: nobody could look. */
  readonly references: readonly Flaw[] | undefined
  readonly inForce: 'wholly' | 'partly' | 'not'
}

/** The conditions that follow from what was found. The first flaw gives the reason, the message tells of all. */
export function conditions({ accepted, references, inForce }: Findings): Condition[] {
  return [
    condition('Accepted', accepted),
    references === undefined
      ? { type: 'ResolvedRefs', status: 'Unknown', reason: 'NotEvaluated', message: '' }
      : condition('ResolvedRefs', references),
    { type: 'Programmed', status: inForce === 'not' ? 'False' : 'True', reason: PROGRAMMED[inForce], message: '' },
  ]
}

/** Whether there is nothing to mend. */
export function isHealthy({ conditions: all }: ObjectStatus): boolean {
  return all.every(({ status }) => status === 'True')
}

/** Whether the object is in force, if only in part. */
export function isInForce({ conditions: all }: ObjectStatus): boolean {
  return all.some(({ type, status }) => type === 'Programmed' && status === 'True')
}

const PROGRAMMED = { wholly: 'Programmed', partly: 'PartlyProgrammed', not: 'NotProgrammed' } as const

function condition(type: 'Accepted' | 'ResolvedRefs', flaws: readonly Flaw[]): Condition {
  const [first] = flaws
  if (first === undefined) return { type, status: 'True', reason: type, message: '' }
  return { type, status: 'False', reason: first.reason, message: flaws.map(({ message }) => message).join('; ') }
}
