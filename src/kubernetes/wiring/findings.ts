import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import type { SourceProblem, Wiring } from './wiring.ts'

/** Collects what is to be said about applications and the objects that they come from. */
export interface Findings {
  /** Names an application, so that it is known to be wired even if nothing is found. */
  readonly open: (applicationKey: string) => void
  /** Something wrong with an annotated object, and so with its application. */
  readonly flaw: (source: KubeObject, applicationKey: string, ...flaws: readonly Flaw[]) => void
  /** Something wrong with an annotated object alone. */
  readonly problem: (source: KubeObject, ...flaws: readonly Flaw[]) => void
  readonly note: (applicationKey: string, ...notes: readonly string[]) => void
  readonly all: () => Pick<Wiring, 'findings' | 'notes' | 'problems'>
}

/** Of one application, each with a message of its own; nobody reads more, and a status does not hold more. */
const MOST_FLAWS = 64

export function createFindings(): Findings {
  const findings = new Map<string, Flaw[]>()
  const notes = new Map<string, Set<string>>()
  const problems: SourceProblem[] = []

  function open(key: string): Flaw[] {
    const there = findings.get(key) ?? []
    findings.set(key, there)
    return there
  }

  function problem(target: KubeObject, ...flaws: readonly Flaw[]): void {
    problems.push(...flaws.map((flaw) => ({ ...flaw, target })))
  }

  return {
    open,
    problem,
    flaw(source, key, ...flaws) {
      const there = open(key)
      for (const flaw of there.length < MOST_FLAWS ? flaws : []) {
        if (there.every(({ message }) => message !== flaw.message)) there.push(flaw)
      }
      problem(source, ...flaws)
    },
    note(key, ...more) {
      if (more.length === 0) return
      const there = notes.get(key) ?? new Set()
      notes.set(key, there)
      for (const note of there.size < MOST_FLAWS ? more : []) there.add(note)
    },
    all: () => ({
      findings,
      notes: new Map([...notes].map(([key, all]) => [key, [...all].join(' ')])),
      problems,
    }),
  }
}
