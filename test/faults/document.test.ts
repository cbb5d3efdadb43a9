import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { between } from '../../faults/document.ts'

test('a text takes the place of what stands between the markers', () => {
  const before = '# Title\n\n<!-- faults -->\nold\n<!-- /faults -->\n\nthe rest\n'
  const after = between(before, 'new')
  expect(after).toBe('# Title\n\n<!-- faults -->\nnew\n<!-- /faults -->\n\nthe rest\n')
  expect(between(after, 'new')).toBe(after)
})

test.for(['no markers', '<!-- faults --> only one', '<!-- /faults --> in the wrong order <!-- faults -->'])(
  'a document with %s is refused',
  (document) => {
    expect(() => between(document, 'new')).toThrow('docs/reliability.md has no')
  },
)

test('the page of the repository has them', () => {
  const page = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')
  expect(between(page, 'new')).toContain('<!-- faults -->\nnew\n<!-- /faults -->')
})
