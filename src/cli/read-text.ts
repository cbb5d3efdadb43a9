import { resolve } from 'node:path'
import type { CommandIo } from './command.ts'

/** The text of a file that an option names, or in a few words why the system does not let it be read. */
export async function readText(
  file: string,
  { cwd, readFile }: Pick<CommandIo, 'cwd' | 'readFile'>,
): Promise<string | { readonly trouble: string }> {
  try {
    return await readFile(resolve(cwd, file))
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { trouble: `${file} cannot be read (${error.code})` }
    throw error
  }
}
