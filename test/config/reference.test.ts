import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  CLUSTER_EXAMPLE_FILE,
  EXAMPLE_FILE,
  REDIS_CLUSTER_EXAMPLE_FILE,
  SENTINEL_EXAMPLE_FILE,
} from '../../scripts/generators/configuration.ts'
import { generators } from '../../scripts/generators.ts'
import { loadConfig } from '../../src/config/load.ts'
import { settings } from '../../src/config/settings.ts'
import { type Path, valueAt } from '../../src/config/tree.ts'
import { CERTIFICATE, filesOf, minimal } from './files.ts'

const root = join(import.meta.dirname, '../..')
const example = await readFile(join(root, EXAMPLE_FILE), 'utf8')
const inCluster = await readFile(join(root, CLUSTER_EXAMPLE_FILE), 'utf8')
const stores = await Promise.all(
  [SENTINEL_EXAMPLE_FILE, REDIS_CLUSTER_EXAMPLE_FILE].map((file) => readFile(join(root, file), 'utf8')),
)
const page = await readFile(join(root, 'docs/reference/configuration.md'), 'utf8')

describe('the documented examples', () => {
  test('load', async () => {
    const files = {
      '/srv/configuration.yaml': example,
      '/srv/secrets/redis-password': 'correct horse\n',
      '/srv/tls/ca.crt': CERTIFICATE,
      '/srv/tls/client.crt': CERTIFICATE,
      '/srv/tls/client.key': CERTIFICATE,
    }
    const result = await loadConfig({ file: 'configuration.yaml', cwd: '/srv', env: {}, readFile: filesOf(files) })
    expect(result).toMatchObject({ ok: true, config: { store: { redis: { password: 'correct horse' } } } })
    const clusterFiles = { '/srv/cluster.yaml': inCluster, '/etc/gatehouse/redis/url': 'redis://redis:6379' }
    const cluster = await loadConfig({ file: 'cluster.yaml', cwd: '/srv', env: {}, readFile: filesOf(clusterFiles) })
    expect(cluster).toMatchObject({ ok: true, config: { resources: { type: 'Kubernetes' } } })
  })

  test.for(stores)('load, with another store: %#', async (yaml) => {
    const files = {
      '/srv/gatehouse.yaml': minimal().replace(/^store:.*\n/m, yaml),
      '/srv/secrets/redis-password': 'correct horse\n',
      '/srv/secrets/sentinel-password': 'battery staple\n',
      '/srv/tls/ca.crt': CERTIFICATE,
      '/srv/tls/client.crt': CERTIFICATE,
      '/srv/tls/client.key': CERTIFICATE,
    }
    const result = await loadConfig({ file: undefined, cwd: '/srv', env: {}, readFile: filesOf(files) })
    expect(result).toMatchObject({ ok: true, config: { store: { redis: { password: 'correct horse' } } } })
  })

  test('show every setting, in one of its forms', () => {
    const values: unknown[] = [example, inCluster, ...stores].map((yaml) => parse(yaml))
    const isShown = (path: Path) => values.some((value) => valueAt(value, path) !== undefined)
    const shown = new Set(settings().filter(({ path }) => isShown(path)))
    const missing = settings().filter(
      (setting) =>
        !shown.has(setting) &&
        !settings().some((other) => shown.has(other) && other.holds?.join('.') === setting.name) &&
        !(setting.holds !== undefined && isShown(setting.holds)),
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
