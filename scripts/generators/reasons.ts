import { type Reason, reasons } from '../../src/policy/reasons.ts'
import { nextSteps } from './next-steps.ts'

/** The reference page of reasons. */
export const generator = {
  file: 'docs/reference/reasons.md',
  content: (): string => `${[INTRODUCTION, ...Object.entries(reasons).map(section)].join('\n\n')}\n`,
}

const INTRODUCTION = `# Reasons

Every decision has a reason: one of the words below. It stands in the log, in the metric, on the page that people see and in
what \`explain\` prints. A reason never changes its meaning.`

function section([reason, meaning]: [string, string]): string {
  const next = nextSteps[reason as Reason]
  return [`## ${reason}`, meaning, next && `**What to do:** ${next}`].filter(Boolean).join('\n\n')
}
