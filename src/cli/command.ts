import type { Config } from '../config/schema.ts'

/** What a command may touch of the world: `process` in production, texts in a test. */
export interface CommandIo {
  readonly stdout: TextOutput
  readonly stderr: TextOutput
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory that relative paths of the command line start from. */
  readonly cwd: string
  /** Reads a file as UTF-8 text; rejects with an error that has a `code`, as `node:fs` does. */
  readonly readFile: (path: string) => Promise<string>
  /** What would keep the service from serving with a valid configuration, one line each; undefined: it is not looked at. */
  readonly startObstacles?: (config: Config) => Promise<readonly string[]>
}

export interface TextOutput {
  write(text: string): unknown
}

/** One option of a command, for `parseArgs` and for the help text. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** Stands for the value in the help text, such as `FILE`. */
  readonly value?: string
  /** What happens without the option, in words or as the value itself. */
  readonly default?: string
  readonly description: string
}

/** A subcommand. Whatever the help and the reference page say of it is here. */
export interface Command {
  /** One word or several, as typed: `config check`. */
  readonly name: string
  /** One sentence, without a full stop. */
  readonly summary: string
  /** Positional arguments as the help shows them, such as `DIR`. */
  readonly positionals?: string
  readonly options?: Readonly<Record<string, CommandOption>>
  /** What each exit code means. */
  readonly exitCodes?: Readonly<Record<number, string>>
  /** A few sentences or an example for the reference page, in Markdown. */
  readonly details?: string
  /**
   * @param args what follows the command's name
   * @returns the exit code; a rejection with one of the `ERR_PARSE_ARGS_…` codes of `node:util` is answered as wrong usage
   */
  run(args: readonly string[], io: CommandIo): Promise<number>
}

/** Exit code for a command line or a configuration that is not valid. */
export const WRONG_USAGE = 2
