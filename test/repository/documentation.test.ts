import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { nextSteps } from '../../scripts/generators/next-steps.ts'
import { reasonLists } from '../../scripts/generators/reasons.ts'
import { commands, runCommand } from '../../src/cli/index.ts'
import { startCommand } from '../../src/cli/start.ts'
import { ADMIN_CLIENT_VARIABLES } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load.ts'
import { settings } from '../../src/config/settings.ts'
import { type MetricDeclaration, metricList } from '../../src/observe/metric-list.ts'
import { reasons } from '../../src/policy/reasons.ts'
import { compile } from '../../src/resources/compile.ts'
import { conditionReasons } from '../../src/resources/condition-reasons.ts'
import { loadDirectory } from '../../src/resources/directory.ts'
import { isHealthy } from '../../src/resources/status.ts'
import { filesOf } from '../config/files.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { context } from '../resources/world.ts'
import { anchorsOf, codeBlocks, codeWords, linkTargets, pages } from './markdown.ts'
import { at, filesBelow, read } from './tree.ts'

/** What each page says that is not so, as `page: word`. */
function wrongWords(words: (page: string) => readonly string[], isRight: (word: string, page: string) => boolean) {
  return pages.flatMap((page) =>
    words(page)
      .filter((word) => !isRight(word, page))
      .map((word) => `${page}: ${word}`),
  )
}

function found(pattern: RegExp): (page: string) => string[] {
  return (page) => [...read(page).matchAll(pattern)].map(([all, group]) => group ?? all)
}

describe('the pages', () => {
  test('link to files and headings that exist', () => {
    const isThere = (target: string, page: string) => {
      if (/^(https?|mailto):/.test(target)) return true
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      if (file.startsWith('..') || !existsSync(at(file))) return false
      return anchor === undefined || (file.endsWith('.md') && anchorsOf(file).has(anchor))
    }
    expect(wrongWords(linkTargets, isThere)).toEqual([])
  })

  test('can each be reached from the README', () => {
    const reached = new Set<string>()
    const queue = ['README.md']
    for (const page of queue) {
      if (reached.has(page)) continue
      reached.add(page)
      const linked = linkTargets(page).map((target) => normalize(join(dirname(page), target.split('#', 1)[0] ?? '')))
      queue.push(...linked.filter((target) => pages.includes(target)))
    }
    expect(pages.filter((page) => !reached.has(page))).toEqual([])
  })

  test('name npm scripts that exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))
    expect(wrongWords(found(/\bnpm run (?:-s )?([\w:-]+)/g), (name) => Object.hasOwn(scripts, name))).toEqual([])
  })

  test('name files of the repository that exist', () => {
    const files = filesBelow('.')
    const isFile = (word: string) => /^(src|test|scripts|docs|manifests|examples|demo|bench|\.ci)\/[\w./-]+$/.test(word)
    const isThere = (word: string) =>
      !isFile(word) || files.some((file) => file === word || file.startsWith(`${word.replace(/\/$/, '')}/`))
    expect(wrongWords(codeWords, isThere)).toEqual([])
  })

  test('name commands and options of the command line that exist', async () => {
    const known = [startCommand(async () => 0), ...commands]
    const isKnown = (line: string) => {
      const command = known.find(({ name }) => line === name || line.startsWith(`${name} `))
      const options = [...line.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option)
      return (
        options.every((option) => option === 'help' || Object.hasOwn(command?.options ?? {}, option)) &&
        (command !== undefined || line === '')
      )
    }
    const lines = found(/npm run -s gatehouse -- ([^`#|\n]*)/g)
    expect(
      wrongWords(
        (page) =>
          lines(page)
            .map((line) => line.trim())
            .filter((line) => !line.startsWith('<')),
        isKnown,
      ),
    ).toEqual([])
  })

  test('name settings that exist', () => {
    const names = new Set(settings().map(({ name }) => name))
    const sections = settings()
      .filter(({ path, kind }) => path.length === 1 && kind === 'object')
      .map(({ name }) => name)
    const isSetting = (word: string) => new RegExp(`^(${sections.join('|')})(\\.[a-z]\\w*)+$`).test(word)
    const isFileOrHost = (word: string) => /\.(ts|md|json|ya?ml|js|key|crt|com|localhost)$/.test(word)
    expect(wrongWords(codeWords, (word) => !isSetting(word) || isFileOrHost(word) || names.has(word))).toEqual([])
  })

  test('name environment variables that exist', () => {
    const ofKubernetes = ['GATEHOUSE_PORT', 'GATEHOUSE_SERVICE_HOST']
    const ofTestsAndExamples = ['GATEHOUSE_REQUIRE', 'GATEHOUSE_PROGRAMS', 'GATEHOUSE_URL', 'GATEHOUSE_AUDIENCE']
    const ofCommands = Object.values(ADMIN_CLIENT_VARIABLES)
    const others = [...ofKubernetes, ...ofTestsAndExamples, ...ofCommands]
    const known = new Set([...settings().map(({ variable }) => variable), ...others])
    const isKnown = (word: string) => known.has(word)
    expect(wrongWords(found(/\bGATEHOUSE_[A-Z_]+[A-Z]\b/g), isKnown)).toEqual([])
  })

  test('name metrics that exist', () => {
    const names = new Set(Object.values<MetricDeclaration>(metricList).map(({ name }) => name))
    const isKnown = (word: string) => names.has(word) || names.has(word.replace(/_(bucket|sum|count)$/, ''))
    // Variables of a proxy's configuration may begin with our name too, but not with a metric's subject.
    const subjects = new Set([...names].map((name) => name.split('_')[1]))
    const metric = new RegExp(`(?<![$@])\\bgatehouse_(?:${[...subjects].join('|')})_[a-z_]+[a-z]\\b`, 'g')
    expect(wrongWords(found(metric), isKnown)).toEqual([])
  })
})

describe('the command line', () => {
  const known = [startCommand(async () => 0), ...commands]
  const options = known.flatMap(({ name, options = {} }) =>
    Object.entries(options).map(([option, { value }]) => ({ name, option, value })),
  )

  test.each(options)('takes --$option after $name, as its page says', async ({ name, option, value }) => {
    const texts: string[] = []
    const output = { write: (text: string) => texts.push(text) }
    const io = { stdout: output, stderr: output, env: {}, cwd: '/nonexistent', readFile: filesOf({}) }
    await runCommand([...name.split(' '), `--${option}${value === undefined ? '' : '=x'}`], io, known)
    expect(texts.join('')).not.toMatch(/Unknown option|does not take an argument/)
  })

  test('knows no option that the page does not name', () => {
    for (const file of filesBelow('src/cli')) {
      const parsed = [...read(file).matchAll(/^ {8}'?([a-z-]+)'?: \{ type: '(?:string|boolean)'/gm)].map(
        ([, option]) => option,
      )
      expect(parsed.filter((option) => !read('docs/reference/cli.md').includes(`\`--${option}`))).toEqual([])
    }
  })
})

describe('reasons', () => {
  const all = reasonLists.flatMap(({ reasons }) => Object.keys(reasons))

  test('stand in one list each, so that a word means one thing', () => {
    expect(new Set(all).size).toBe(all.length)
  })

  test.each(reasonLists.flatMap(({ reasons }) => Object.entries(reasons)))(
    '%s is a word that says what it means in a sentence',
    (reason, text) => {
      expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(text).toMatch(/^[A-Z].*[^.]\.$/)
    },
  )

  test('are all explained on their page, and no other', () => {
    const headings = [...read('docs/reference/reasons.md').matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(all)
  })

  test('have no advice for one that does not exist', () => {
    expect(Object.keys(nextSteps).filter((reason) => !all.includes(reason))).toEqual([])
  })

  test('are all given by the source, besides the lists themselves', () => {
    const source = filesBelow('src')
      .filter((file) => !/reasons\.ts$|reason-text\.ts$/.test(file))
      .map(read)
      .join('\n')
    expect(all.filter((reason) => !source.includes(`'${reason}'`))).toEqual([])
  })

  test('of conditions stand on the page of resources and are given by the source', () => {
    const source = [...filesBelow('src/resources'), ...filesBelow('src/kubernetes')]
      .filter((file) => !file.endsWith('condition-reasons.ts'))
      .map(read)
      .join('\n')
    const page = read('docs/reference/resources.md')
    for (const reason of Object.keys(conditionReasons)) {
      expect(page).toContain(`| \`${reason}\` |`)
      expect(source).toContain(`'${reason}'`)
    }
  })

  test('that a page of the documentation links to exist', () => {
    const linked = pages.flatMap(linkTargets).flatMap((target) => /reasons\.md#([a-z-]+)$/.exec(target)?.[1] ?? [])
    const headings = anchorsOf('docs/reference/reasons.md')
    expect(linked.filter((reason) => !headings.has(reason))).toEqual([])
    expect(Object.keys(reasons).every((reason) => headings.has(reason))).toBe(true)
  })
})

describe('the README', () => {
  const blocks = codeBlocks('README.md', 'yaml').map((text) => ({ file: /^# (\S+)\n/.exec(text)?.[1] ?? '', text }))

  test('shows a configuration that loads', async () => {
    const shown = blocks.find(({ file }) => file === 'gatehouse.yaml')
    const readFile = filesOf({ '/gatehouse.yaml': shown?.text ?? '', '/redis-url': 'redis://127.0.0.1:6379/0\n' })
    expect(await loadConfig({ file: undefined, cwd: '/', env: {}, readFile })).toMatchObject({
      ok: true,
      config: { auth: { url: 'https://auth.example.com' }, store: { type: 'Redis' } },
    })
  })

  test('shows manifests that are valid and in force together', async () => {
    const shown = blocks.filter(({ file }) => file.startsWith('resources/'))
    await using directory = await temporaryDirectory('readme')
    const secretsDirectory = join(directory.path, 'secrets')
    for (const { file, text } of [...shown, { file: 'secrets/company/client-secret', text: 'sesame' }]) {
      await mkdir(dirname(join(directory.path, file)), { recursive: true })
      await writeFile(join(directory.path, file), text)
    }
    const snapshot = await loadDirectory({ directory: join(directory.path, 'resources'), secretsDirectory })
    const { statuses, policySet } = compile(snapshot.objects, { ...context, secret: snapshot.secret })
    expect(snapshot.problems).toEqual([])
    expect(statuses.filter((status) => !isHealthy(status))).toEqual([])
    expect([...policySet.applications.keys()]).toEqual(['monitoring/grafana'])
  })
})
