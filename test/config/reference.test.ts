import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { EXAMPLE_FILE } from '../../scripts/generators/configuration.ts'
import { generators } from '../../scripts/generators.ts'
import { loadConfig } from '../../src/config/load.ts'
import { settings } from '../../src/config/settings.ts'
import { valueAt } from '../../src/config/tree.ts'
import { CERTIFICATE, filesOf } from './files.ts'

const root = join(import.meta.dirname, '../..')
const example = await readFile(join(root, EXAMPLE_FILE), 'utf8')
const page = await readFile(join(root, 'docs/reference/configuration.md'), 'utf8')

describe('the documented example', () => {
  test('loads', async () => {
    const files = {
      '/srv/configuration.yaml': example,
      '/srv/secrets/redis-password': 'correct horse\n',
      '/srv/tls/ca.crt': CERTIFICATE,
      '/srv/tls/client.crt': CERTIFICATE,
      '/srv/tls/client.key': CERTIFICATE,
    }
    const result = await loadConfig({ file: 'configuration.yaml', cwd: '/srv', env: {}, readFile: filesOf(files) })
    expect(result).toMatchObject({ ok: true, config: { store: { redis: { password: 'correct horse' } } } })
  })

  test('shows every setting, in one of its forms', () => {
    const value: unknown = parse(example)
    const shown = new Set(settings().filter(({ path }) => valueAt(value, path) !== undefined))
    const missing = settings().filter(
      (setting) =>
        !shown.has(setting) &&
        !settings().some((other) => shown.has(other) && other.holds?.join('.') === setting.name) &&
        !(setting.holds !== undefined && valueAt(value, setting.holds) !== undefined),
    )
    expect(missing.map(({ name }) => name)).toEqual(['keys.set', 'keys.setFile'])
  })
})

test('the least that the reference page calls needed loads', async () => {
  const [, least = ''] = /```yaml\n(.*?)```/s.exec(page) ?? []
  const readFile = filesOf({ '/gatehouse.yaml': least })
  expect(await loadConfig({ file: undefined, cwd: '/', env: {}, readFile })).toMatchObject({ ok: true })
})

test('the reference page names every setting and its variable', () => {
  for (const { name, variable, path } of settings()) {
    expect(page).toContain(path.length === 1 ? name : `\`${name}\``)
    if (!page.includes(`- \`${name}\``)) expect(page).toContain(`\`${variable}\``)
  }
})

test.for(generators.map((generator) => [generator.file, generator] as const))(
  '%s is what its generator makes',
  async ([file, { content }]) => {
    expect(await readFile(join(root, file), 'utf8')).toBe(await content())
  },
)
