import { z } from 'zod'
import { actor, auditKinds, commonFields, target } from '../../src/observe/audit-record.ts'

/** The reference page of the audit trail. */
export const generator = {
  file: 'docs/reference/audit.md',
  content: (): string =>
    `${[INTRODUCTION, common(), whom(), ...Object.entries(auditKinds).map(section)].join('\n\n')}\n`,
}

const INTRODUCTION = `# Audit trail

Who signed in, was let in or turned away, ended or revoked what, and what the policies became: one JSON object a line, written
where \`audit.output\` of the [configuration](configuration.md) says, by each replica for what happened there. It is apart from
the [log](log.md), has its own file if it is given one, and is never sampled. On standard output its lines are those with the
field \`audit\`.

A check that is allowed leaves no record; the sign-in and the admission that came before it do. A field without a value is
left out. Tokens, cookies, codes and session ids never stand in a record. Addresses do, since a record has to say who it was:
keep the file as you keep other personal data. It is made with mode 0600; one that is there already keeps its mode, and a link
is followed.

**What is lost.** Nothing waits for the trail. What the disk or the reader of standard output does not take at once is kept in
memory, up to 16 MiB. Records beyond that are lost: \`gatehouse_audit_records_lost_total\` counts them, the log says so
(\`auditTrouble\`), and once there is room again a record of kind \`gap\` says how many are missing. Gatehouse goes on: who wants no
unrecorded access alarms on the counter. A process that is killed loses what it has not handed over, which is half a
second’s worth on standard output and next to nothing in a file. A file that cannot be opened keeps the process from starting.

**Rotation.** Move the file away: records of the next second may still go into it, and the first one after that makes the file
anew. No line is cut. \`copytruncate\` works too.

**Version.** The field \`audit\` is \`1\`. New fields and kinds may come; a field that goes, or means something else, makes it \`2\`.`

function common(): string {
  const [head, rule, ...rows] = table({ ...commonFields, actor })
  return ['## Every record', '', head, rule, '| `kind` | text | one of the words below |', ...rows].join('\n')
}

function whom(): string {
  return ['## Whom it hits', '', 'The field `target` of some kinds.', '', ...table({ target })].join('\n')
}

function section([kind, { when, schema }]: [string, (typeof auditKinds)[keyof typeof auditKinds]]): string {
  const known = [...Object.keys(commonFields), 'kind', 'actor']
  const own = Object.fromEntries(Object.entries(schema.shape).filter(([field]) => !known.includes(field)))
  return [`## ${kind}`, '', when, '', ...table(own, { isNested: true })].join('\n')
}

function table(
  fields: Readonly<Record<string, z.ZodType>>,
  { isNested = false }: { readonly isNested?: boolean } = {},
): string[] {
  const body = Object.entries(fields).flatMap(([name, field]) => rows(name, field, isNested))
  return ['| field | value | meaning |', '| --- | --- | --- |', ...body]
}

/** A row, and for an object those of what it holds, unless they stand in a table of their own. */
function rows(name: string, field: z.ZodType, isNested: boolean): string[] {
  const isOptional = field instanceof z.ZodOptional
  const core = isOptional ? (field.unwrap() as z.ZodType) : field
  const description = field.description ?? core.description ?? ''
  const value = `${wordsOf(core)}${isOptional ? ', or absent' : ''}`
  if (isNested && core === target) return [`| \`${name}\` | ${value} | [whom it hits](#whom-it-hits) |`]
  const row = `| \`${name}\` | ${value} | ${description} |`
  if (!(core instanceof z.ZodObject)) return [row]
  return [
    row,
    ...Object.entries(core.shape).flatMap(([key, inner]) => rows(`${name}.${key}`, inner as z.ZodType, isNested)),
  ]
}

function wordsOf(core: z.ZodType): string {
  if (core instanceof z.ZodEnum) return core.options.map((word) => `\`${word}\``).join(', ')
  if (core instanceof z.ZodLiteral) return `\`${[...core.values].join()}\``
  if (core instanceof z.ZodObject) return 'object'
  if (core instanceof z.ZodNumber) return 'number'
  return core instanceof z.ZodBoolean ? '`true` or `false`' : 'text'
}
