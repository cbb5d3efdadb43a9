import { accessSync, constants } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { at, filesBelow, read } from './tree.ts'

const everything = filesBelow('.')
const sources = everything.filter((path) => path.startsWith('src/') && path.endsWith('.ts'))
const tests = everything.filter((path) => path.startsWith('test/') && path.endsWith('.ts'))

/** Each line of the files that the pattern finds, as `file:line: text`. */
function linesWith(pattern: RegExp, files: readonly string[]): string[] {
  return files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )
}

describe('the repository', () => {
  test('names no package registry, so that everybody installs from the one they have chosen', () => {
    const hosts = [
      ['registry', 'npmjs'],
      ['registry', 'yarnpkg'],
      ['npm', 'pkg', 'github'],
      ['proxy', 'golang'],
      ['deb', 'debian'],
      ['pypi', 'org'],
      ['repo', 'maven'],
    ]
    const pattern = new RegExp(hosts.map((labels) => labels.join('\\.')).join('|'))
    expect(linesWith(pattern, everything)).toEqual([])
  })

  test('locks versions and hashes of packages, not the places they came from', () => {
    const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(read('package-lock.json'))
    const placed = Object.entries(lock.packages).filter(([, { resolved }]) => /^\w+:\/\//.test(resolved ?? ''))
    expect(placed.map(([path]) => path)).toEqual([])
  })

  test('locks the packages of every platform, since npm ci refuses a lock that lacks some of them', () => {
    const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
      read('package-lock.json'),
    )
    const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)))
    expect(optional.filter((name) => !locked.has(name))).toEqual([])
  })

  test('has a README of at most 150 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })

  test('runs in CI the very test command that the README gives', () => {
    const command = 'npm ci && npm test'
    expect(read('README.md')).toContain(command)
    expect(read('.ci/run').split('\n')).toContain(command)
    expect(() => accessSync(at('.ci/run'), constants.X_OK)).not.toThrow()
  })

  test('has every file that an npm script starts', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))
    const started = Object.values(scripts).flatMap((script) =>
      [...script.matchAll(/\bnode (\S+\.ts)/g)].map(([, file]) => file),
    )
    expect(started.filter((file) => !everything.includes(file ?? ''))).toEqual([])
  })
})

describe('the sources', () => {
  test('are files of at most 300 lines', () => {
    const long = sources.filter((path) => read(path).trimEnd().split('\n').length > 300)
    expect(long).toEqual([])
  })

  test('are named for what they hold', () => {
    expect(sources.filter((path) => /(^|\/)(utils?|helpers?|common|misc|types)(\/|\.ts$)/.test(path))).toEqual([])
  })

  test('are finished', () => {
    expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b|not implemented/, sources)).toEqual([])
  })
})

describe('the tests', () => {
  test('are neither focused nor skipped', () => {
    expect(linesWith(/\b(it|test|describe|suite)\.(only|skip|todo)\b/, tests)).toEqual([])
  })

  test('have titles that state behaviour, without the word of duty', () => {
    const title =
      /\b(?:it|test|describe|suite|needs)\b[^'"`]*(?:\[[^\]]*\][^'"`]*)?(['"`])(?:(?!\1).)*\bshould\b|\btitle:\s*(['"`])(?:(?!\2).)*\bshould\b/
    expect(linesWith(title, tests)).toEqual([])
  })

  test('stand in files named .test.ts where they declare tests, contracts and parts aside', () => {
    const declaring = linesWith(/^test\(|^describe\(|^it\(/, tests).map((line) => line.split(':', 1)[0] ?? '')
    const elsewhere = declaring.filter((path) => !/\.test\.ts$|\/fixtures\//.test(path))
    expect(elsewhere).toEqual([])
  })
})
