/** Something wrong with the configuration. Nothing in it gives a secret away. */
export interface Problem {
  /** The setting, such as `listeners.check.port`; empty where no setting is meant. */
  readonly path: string
  /** `file:line`, or the name of an environment variable. */
  readonly source: string
  readonly found: string
  readonly expected: string
}

/** Writes problems for a person, one paragraph each. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ path, source, found, expected }) => {
      const title = path === '' ? source : path
      return `  ${title}\n    found     ${found}\n    expected  ${expected}\n    where     ${source}\n`
    })
    .join('\n')
}

const LONGEST_TEXT = 60

/** Describes a value that is not what it should be. Of a list or an object nothing inside is shown. */
export function describeFound(value: unknown, isSecret: boolean): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty object' : 'an object'
  if (isSecret) return 'a secret, which is not shown'
  if (typeof value !== 'string') return `the ${typeof value} ${value}`
  const shown = value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value
  return JSON.stringify(shown.replace(/\/\/[^/]*@/g, '//***@'))
}
