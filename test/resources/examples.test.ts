import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generator } from '../../scripts/generators/resources.ts'
import { compile } from '../../src/resources/compile.ts'
import { conditionReasons } from '../../src/resources/condition-reasons.ts'
import { loadDirectory } from '../../src/resources/directory.ts'
import { isHealthy } from '../../src/resources/status.ts'
import { kinds } from '../../src/resources/v1alpha1/index.ts'
import { context } from './world.ts'

const directory = join(import.meta.dirname, '..', '..', 'manifests', 'examples')

test('the examples hold every kind, are valid and work together', async () => {
  const { objects, problems } = await loadDirectory({ directory, secretsDirectory: undefined })
  const { statuses } = compile(objects, { ...context, secret: () => 'secret' })
  expect(problems).toEqual([])
  expect(statuses.filter((status) => !isHealthy(status))).toEqual([])
  expect(new Set(statuses.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)))
})

test('the reference describes every field and every reason', async () => {
  const page = await generator.content()
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  expect(rows.filter((row) => row.trimEnd().endsWith('|  |') || row.includes('undefined'))).toEqual([])
  for (const reason of Object.keys(conditionReasons)) expect(page).toContain(`| \`${reason}\` |`)
  expect(page).toContain('| `spec.destinations[].path` | text | `"/"` | at most 1024 characters |')
})
