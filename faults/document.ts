import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = join(import.meta.dirname, '..', 'docs', 'reliability.md')
const BEGIN = '<!-- faults -->'
const END = '<!-- /faults -->'

/** Puts a text between the markers of docs/reliability.md. Throws if they are not there. */
export async function writeIntoDocument(text: string): Promise<void> {
  await writeFile(FILE, between(await readFile(FILE, 'utf8'), text))
}

/** The document with a text between its markers, in place of what was there. Throws if they are not there. */
export function between(document: string, text: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`docs/reliability.md has no ${BEGIN} … ${END}`)
  return `${document.slice(0, begin + BEGIN.length)}\n${text}\n${document.slice(end)}`
}
