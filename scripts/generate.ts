/**
 * Writes the files that are derived from the source. With `--check` writes nothing, names the files that differ, and exits 1
 * if any does; wrong arguments exit 2.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generators } from './generators.ts'

const root = join(import.meta.dirname, '..')
const [argument, ...rest] = process.argv.slice(2)
const isCheck = argument === '--check'
if (rest.length > 0 || (argument !== undefined && !isCheck)) {
  console.error('Usage: node scripts/generate.ts [--check]')
  process.exit(2)
}

let differing = 0
for (const { file, content } of generators) {
  const path = join(root, file)
  const wanted = await content()
  if (wanted === undefined) {
    console.log(`${file} is left as it is: \`npm run test:setup\` brings the program that makes it`)
    continue
  }
  if (wanted === (await present(path))) continue
  differing += 1
  if (isCheck) {
    console.error(`${file} is not what \`npm run generate\` makes`)
  } else {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, wanted)
    console.log(`${file} written`)
  }
}
process.exitCode = isCheck && differing > 0 ? 1 : 0

async function present(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
