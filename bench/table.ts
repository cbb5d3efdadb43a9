import type { Figure } from './figures.ts'
import type { Machine } from './machine.ts'
import type { Run } from './measure.ts'

const HEAD = ['', 'requests/s', 'p50 ms', 'p99 ms', 'to empty', 'to constant'] as const

/** The runs as a table for a terminal. */
export function plainTable(runs: readonly Run[]): string {
  const rows = [[...HEAD], ...runs.map(cells)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Everything for `docs/benchmark.md`. */
export function markdown(machine: Machine, runs: readonly Run[], figures: readonly Figure[]): string {
  const tables = [
    markdownTable(['row', ...HEAD.slice(1)], runs.map(cells)),
    markdownTable(
      ['figure', 'measured', 'goal', ''],
      figures.map(({ name, measured, goal, isReached }) => [name, measured, goal ?? '', mark(isReached)]),
    ),
  ]
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${process.versions.node}, ${generator(machine)}`,
    ...tables,
  ].join('\n\n')
}

/** The figures as lines for a terminal. */
export function figureLines(figures: readonly Figure[]): string {
  return figures
    .map(({ name, measured, goal, isReached }) => {
      const against =
        goal === undefined ? '' : ` (goal: ${goal}${isReached === undefined ? '' : `, ${mark(isReached)}`})`
      return `${name}: ${measured}${against}`
    })
    .join('\n')
}

export function generator({ wrk }: Machine): string {
  return wrk === undefined ? 'load by a Node program (slower than wrk)' : 'load by wrk -t1 -c32'
}

function mark(isReached: boolean | undefined): string {
  if (isReached === undefined) return ''
  return isReached ? 'reached' : 'missed'
}

function cells({ name, requestsPerSecond, p50Ms, p99Ms, ratioToEmpty, ratioToConstant }: Run): string[] {
  return [
    name,
    requestsPerSecond.toLocaleString('en'),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    ratioToEmpty.toFixed(3),
    ratioToConstant.toFixed(3),
  ]
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function pad(text: string, width: number, isLeft: boolean): string {
  return isLeft ? text.padEnd(width) : text.padStart(width)
}
