import { execFile } from 'node:child_process'
import { requireProgram } from '../parts/programs.ts'

export interface PromtoolResult {
  readonly code: number
  /** What it wrote to standard output and standard error. */
  readonly output: string
}

/** Runs promtool, the command beside Prometheus that judges rules and metrics by Prometheus' own code. */
export function promtool(
  args: readonly string[],
  { cwd, input }: { readonly cwd?: string; readonly input?: string } = {},
): Promise<PromtoolResult> {
  const { promise, resolve } = Promise.withResolvers<PromtoolResult>()
  const child = execFile(requireProgram('promtool'), args, { cwd }, (error, output, said) =>
    resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: output + said }),
  )
  child.stdin?.end(input)
  return promise
}
