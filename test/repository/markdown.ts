import { filesBelow, read } from './tree.ts'

/** Every Markdown page of the repository, as a path from the root. */
export const pages: readonly string[] = filesBelow('.').filter((path) => path.endsWith('.md'))

const FENCED = /^( *)```(\w*)\n([\s\S]*?)^\1```/gm

/** The blocks of code on a page, in order. */
export function codeBlocks(page: string, language: string): string[] {
  return [...read(page).matchAll(FENCED)].filter(([, , name]) => name === language).map(([, , , code = '']) => code)
}

/** A page without its blocks of code. */
export function proseOf(page: string): string {
  return read(page).replace(FENCED, '')
}

/** What stands between single backticks in a page's prose. */
export function codeWords(page: string): string[] {
  return [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word)
}

/** Where a page's links lead, as written. */
export function linkTargets(page: string): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g), ...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)].map(
    ([, target = '']) => target,
  )
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Map<string, number>()
  const found = [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    const count = anchors.get(anchor) ?? 0
    anchors.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  })
  return new Set(found)
}

/** The rows of the tables below a heading, cell by cell, without heads and rules. */
export function tableRows(page: string, heading: string): string[][] {
  const sections = read(page).split(/^(?=#{1,6} )/m)
  const first = sections.findIndex((text) => new RegExp(`^#+ ${heading}\\n`).test(text))
  if (first === -1) throw new Error(`${page} has no heading "${heading}"`)
  const level = /^#+/.exec(sections[first] ?? '')?.[0].length ?? 0
  const rest = sections.slice(first + 1)
  const end = rest.findIndex((text) => (/^#+/.exec(text)?.[0].length ?? 0) <= level)
  return [sections[first] ?? '', ...(end === -1 ? rest : rest.slice(0, end))].flatMap((text) => rowsOf(text))
}

function rowsOf(text: string): string[][] {
  const lines = text.split('\n')
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map((line) =>
      line
        .replace(/^\||\|\s*$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
}

function isRule(line: string): boolean {
  return /^\|(\s*:?-+:?\s*\|)+\s*$/.test(line)
}
