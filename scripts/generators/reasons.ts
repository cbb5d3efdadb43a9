import { adminReasons } from '../../src/admin/reasons.ts'
import { loginReasons } from '../../src/login/reasons.ts'
import { reasons } from '../../src/policy/reasons.ts'
import { providerReasons } from '../../src/providers/reasons.ts'
import { type AnyReason, nextSteps } from './next-steps.ts'

/** The lists of reasons, in the order of the page. */
export const reasonLists = [
  {
    title: 'Decisions',
    introduction:
      'Why a check was answered as it was, and what kept a rule from being evaluated. In the log: `decided` and `admitted`.',
    reasons,
  },
  {
    title: 'The way to a login',
    introduction:
      'What the portal itself has to say to a visitor, on the page. In the log: `loginFinished` and `portalRefused`.',
    reasons: loginReasons,
  },
  {
    title: 'Identity providers',
    introduction: 'Why a login with a provider came to nothing. In the log: `loginFinished`, with the detail.',
    reasons: providerReasons,
  },
  {
    title: 'The admin API',
    introduction:
      'Why a call was refused, in `reason` of the answer. In the log: `adminActed`, where `done` stands for a call that was not.',
    reasons: adminReasons,
  },
] as const

/** The reference page of reasons. */
export const generator = {
  file: 'docs/reference/reasons.md',
  content: (): string => `${[INTRODUCTION, ...reasonLists.flatMap(section)].join('\n\n')}\n`,
}

const INTRODUCTION = `# Reasons

Whatever Gatehouse decides has a reason: one of the words below. It stands wherever the decision is told of: in the log, in the
metric, on the page that people see, in what \`explain\` prints. A reason never changes its meaning.`

function section({ title, introduction, reasons }: (typeof reasonLists)[number]): string[] {
  return [`## ${title}`, introduction, ...Object.entries(reasons).map(entry)]
}

function entry([reason, meaning]: [string, string]): string {
  const next = nextSteps[reason as AnyReason]
  return [`### ${reason}`, meaning, next && `**What to do:** ${next}`].filter(Boolean).join('\n\n')
}
