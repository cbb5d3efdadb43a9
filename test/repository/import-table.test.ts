import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { at, filesBelow, read } from './tree.ts'

type Table = Record<string, readonly string[]>

const RULE_NAME = /^(.+)-imports-only-what-the-table-says$/
const MARKED = /<!-- import table -->([\s\S]*?)<!-- \/?(?:end of )?import table -->/

/** Room to allowed rooms, read from the rules that dependency-cruiser applies. */
function enforcedTable(): Table {
  const { forbidden }: { forbidden: { name: string; to: { pathNot?: string[] } }[] } = createRequire(import.meta.url)(
    at('.dependency-cruiser.cjs'),
  )
  const rows = forbidden.flatMap(({ name, to }) => {
    const room = RULE_NAME.exec(name)?.[1]
    if (room === undefined) return []
    const others = (to.pathNot ?? []).flatMap((pattern) => /^\^src\/([\w/-]+)\[\/\.\]$/.exec(pattern)?.[1] ?? [])
    return [[room, others.sort()] as const]
  })
  return Object.fromEntries(rows)
}

/** Room to allowed rooms, read from the table in ARCHITECTURE.md. */
function documentedTable(): Table {
  const marked = MARKED.exec(read('ARCHITECTURE.md'))?.[1]
  if (marked === undefined) {
    throw new Error('ARCHITECTURE.md holds no table "| room | may import |" between two <!-- import table --> lines')
  }
  const rows = marked
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|\s*(room\b|[-:]+)/.test(line))
    .map((line) => line.split('|').map((cell) => cell.replaceAll('`', '').trim()))
    .filter(([, , others]) => others !== 'everything')
    .map(
      ([, room = '', others = '']) =>
        [
          room,
          others
            .split(/[,\s]+/)
            .filter(isRoom)
            .sort(),
        ] as const,
    )
  return Object.fromEntries(rows)
}

function isRoom(word: string): boolean {
  return /^[a-z][a-z/-]*$/.test(word) && word !== 'nothing'
}

describe('the law of imports', () => {
  test('is the same in ARCHITECTURE.md as in the rules that are enforced', () => {
    expect(documentedTable(), 'documented (received) against enforced (expected)').toEqual(enforcedTable())
  })

  test('has a row for every room, and no row for a room that does not exist', () => {
    const rooms = filesBelow('src').flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? [])
    expect(Object.keys(enforcedTable()).sort()).toEqual([...new Set(rooms)].sort())
  })
})
