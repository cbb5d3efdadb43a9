import { spreadOf } from './history-figures.ts'
import type { Row } from './row.ts'

const HEAD = [
  'scenario',
  'rounds',
  'checks',
  'without an answer',
  'revocations accepted / pending / unknown',
  'sign-outs',
  'violations',
  'logins forced by data loss',
  'last let in after acceptance',
  'well again after',
] as const

/** The rows as a table for a terminal. */
export function plainTable(rows: readonly Row[]): string {
  const lines = [[...HEAD], ...rows.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const padded = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n')
}

/** The rows as a table for docs/reliability.md, what happens in each scenario in words. */
export function markdownTable(rows: readonly Row[]): string {
  const line = (cellsOfLine: readonly string[]) => `| ${cellsOfLine.join(' | ')} |`
  const head = ['scenario', 'store', 'what happens', ...HEAD.slice(1)]
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) => line([`\`${row.name}\``, row.store, row.what, ...cells(row).slice(1)])),
  ].join('\n')
}

/** How fast revocations were where nothing was wrong; undefined if none was timed. */
export function healthyLine(rows: readonly Row[]): string | undefined {
  const { count, p50, p99, max } = spreadOf(rows.flatMap(({ refusedAfterMs }) => refusedAfterMs))
  if (count === 0) return undefined
  return `Where nothing was wrong, from the answer \`accepted\` until all three replicas had refused, over ${count.toLocaleString('en')} revocations: p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}, longest ${milliseconds(max)}.`
}

function cells(row: Row): string[] {
  const number = (value: number) => value.toLocaleString('en')
  return [
    row.name,
    number(row.rounds),
    number(row.checks),
    number(row.unavailable),
    [row.accepted, row.pending, row.unknown].map(number).join(' / '),
    number(row.signOuts),
    number(row.violations.length),
    number(row.forcedByLoss),
    milliseconds(row.lastLetInMs),
    milliseconds(row.recoveryMs),
  ]
}

function milliseconds(duration: number | undefined): string {
  if (duration === undefined) return ''
  return duration < 10 ? `${duration.toFixed(1)} ms` : `${Math.round(duration).toLocaleString('en')} ms`
}
