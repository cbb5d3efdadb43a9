import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../src/config/load.ts'
import type { Events } from '../src/observe/events.ts'
import { match } from '../src/policy/match.ts'
import { publicUrls } from '../src/policy/public-url.ts'
import { newestOnly, type ServedResources } from '../src/served-resources.ts'
import { serveDirectory } from '../src/supply-from-files.ts'
import { temporaryDirectory } from './parts/directory.ts'
import { until } from './parts/until.ts'

const HEAD = 'apiVersion: access.gatehouse.dev/v1alpha1\nkind: AccessApplication\n'
const web = `${HEAD}metadata: { name: web }\nspec: { destinations: [{ host: app.example.com }] }\n`
const admin = `${HEAD}metadata: { name: admin }\nspec: { destinations: [{ host: app.example.com, path: /admin }] }\n`
const misspelt = admin.replace('destinations', 'destinatons')

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>
let served: ServedResources | undefined
let problems: string[]
let loads: number
beforeEach(async () => {
  temporary = await temporaryDirectory('served')
  await mkdir(join(temporary.path, 'resources'))
  problems = []
  loads = 0
})
afterEach(async () => {
  await served?.close()
  served = undefined
  await temporary[Symbol.asyncDispose]()
})

/** Puts the file there whole, as manifests are to be replaced. */
async function write(file: string, text: string): Promise<void> {
  const beside = join(temporary.path, 'beside')
  await writeFile(beside, text)
  await rename(beside, join(temporary.path, 'resources', file))
}

/** Does something to the directory and waits until it has been read. */
async function edit(change: Promise<void>): Promise<void> {
  const before = loads
  await change
  await until('the directory has been read', () => loads > before)
}

async function serve(): Promise<void> {
  const config = await loadConfig({
    file: 'gatehouse.yaml',
    cwd: temporary.path,
    env: {},
    readFile: async () => `auth: { url: https://auth.example.com }
resources: { directory: resources, pollInterval: 100ms }
store: { type: Memory }
keys: { file: keys.json }
`,
  })
  if (!config.ok) throw new Error(JSON.stringify(config.problems))
  const events: Pick<Events, 'policyChanged' | 'resourceProblem' | 'resourcesLoaded' | 'internalError'> = {
    policyChanged: () => undefined,
    resourceProblem: ({ file, object, problem }) => problems.push(`${file} ${object}: ${problem}`),
    resourcesLoaded: () => {
      loads += 1
    },
    internalError: ({ error }) => problems.push(String(error)),
  }
  served = await serveDirectory(config.config, {
    urls: publicUrls(new URL('https://auth.example.com')),
    cookiePrefix: '__Host-',
    providers: { replace: () => undefined } as never,
    events: events as never,
  })
}

/** Which application has /admin: its name, or why there is none. */
function owner(): string {
  const policySet = served?.policySet()
  if (policySet === undefined) return 'not ready'
  const found = match(policySet, 'app.example.com', '/admin/x')
  return found === undefined || typeof found === 'string' ? String(found) : found.name
}

test('nothing is served before what every application protects can be read', async () => {
  await write('web.yaml', web)
  await write('admin.yaml', misspelt)
  await serve()
  expect(owner()).toBe('not ready')
  expect(problems.join('\n')).toMatch(/admin\.yaml AccessApplication default\/admin: .*nothing is served until/)
  await edit(write('more.yaml', web.replace('name: web', 'name: more').replace('app.', 'more.')))
  expect(owner()).toBe('not ready')
  await edit(write('admin.yaml', admin))
  expect(owner()).toBe('admin')
})

test('nothing is served before every file could be read, and the reason is said', async () => {
  await write('web.yaml', web)
  await write('admin.yaml', 'spec: [')
  await serve()
  expect(owner()).toBe('not ready')
  expect(problems.join('\n')).toMatch(/admin\.yaml undefined: .*nothing is served until/)
})

test('an application that was served stays shut through broken edits, and is given up when it is deleted', async () => {
  await write('web.yaml', web)
  await write('admin.yaml', admin)
  await serve()
  for (const broken of [
    misspelt,
    `${HEAD}metadata: { name: admin }\n`,
    admin.replace('gatehouse.dev', 'gatehouse.dv'),
  ]) {
    await edit(write('admin.yaml', broken))
    expect(owner()).toBe('admin')
  }
  expect(problems.join('\n')).not.toMatch(/nothing is served/)
  await edit(rm(join(temporary.path, 'resources', 'admin.yaml')))
  expect(owner()).toBe('web')
})

test('a new application that cannot be read stops nothing', async () => {
  await write('web.yaml', web)
  await serve()
  problems.length = 0
  await edit(write('admin.yaml', misspelt))
  expect(owner()).toBe('web')
  expect(problems.join('\n')).toMatch(/admin\.yaml AccessApplication default\/admin: found an unknown field/)
})

test('a burst of changes costs two compilations, and the newest set comes last', async () => {
  const done: number[] = []
  const errors: unknown[] = []
  let finish: () => void = () => undefined
  const serveNewest = newestOnly(
    async (set: number) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      if (set === 0) throw new Error('the first fails')
      done.push(set)
    },
    (error) => errors.push(error),
  )
  for (let set = 0; set < 200; set++) serveNewest(set)
  finish()
  await until('the second is under way', () => errors.length === 1)
  for (let set = 200; set < 400; set++) serveNewest(set)
  finish()
  await until('the second is done', () => done.length === 1)
  finish()
  await until('the third is done', () => done.length === 2)
  expect(done).toEqual([199, 399])
  serveNewest(400)
  finish()
  await until('one that comes later is done', () => done.length === 3)
  expect(done.at(-1)).toBe(400)
})
