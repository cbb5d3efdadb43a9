import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { readObject } from '../../src/resources/objects.ts'
import { needs } from '../parts/needs.ts'
import { codeBlocks, pages, tableRows } from '../repository/markdown.ts'
import { CHART, minimal, objectOf, render } from './helm.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

interface Right {
  readonly group: string
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly names: readonly string[]
}

const RIGHTS = 'docs/guides/rbac.md'

function renderedRights(role: KubeObject): Right[] {
  return (role.rules as Rule[]).map(({ apiGroups: [group = ''], resources, verbs, resourceNames: names = [] }) => ({
    group: group === '' ? 'core' : group,
    resources,
    verbs,
    names,
  }))
}

function documentedRights(heading: string): Right[] {
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
  return tableRows(RIGHTS, heading).map(([group, resources, verbs, , reason]) => ({
    group: words(group).join(),
    resources: words(resources),
    verbs: words(verbs),
    names: words(/Only (.*)\.$/.exec(reason ?? '')?.[1]),
  }))
}

needs('helm', 'the page of rights', () => {
  const rendered = render('helm', [
    ...['--values', join(CHART, 'ci', 'everything-values.yaml')],
    ...['--set', 'fullnameOverride=gatehouse'],
  ])

  test.for([
    ['In all namespaces', 'ClusterRole'],
    ['In its own namespace', 'Role'],
  ] as const)('has, under "%s", the rules of the %s in their order and no others', async ([heading, kind]) => {
    expect(documentedRights(heading)).toEqual(renderedRights(objectOf(await rendered, kind, 'gatehouse')))
  })

  test('says of each rule what for', () => {
    const rows = ['In all namespaces', 'In its own namespace'].flatMap((heading) => tableRows(RIGHTS, heading))
    expect(rows.filter((cells) => cells.length !== 5 || cells.some((cell) => cell === ''))).toEqual([])
  })
})

const values = pages.flatMap((page) =>
  codeBlocks(page, 'yaml')
    .filter((text) => text.startsWith('# values.yaml\n'))
    .map((text) => ({ page, values: parse(text) as object })),
)

needs('helm', 'values that a page shows', () => {
  test('stand on several pages', () => {
    expect(new Set(values.map(({ page }) => page)).size).toBeGreaterThan(4)
  })

  test.for(values)('on $page are values of the chart', async ({ values }) => {
    await expect(render('helm', [], { ...minimal, ...values })).resolves.not.toEqual([])
  })

  test('of the tutorial are all that an install needs', async () => {
    const whole = values.find(({ page }) => page === 'docs/tutorial.md')?.values
    const objects = await render('helm', [], whole)
    expect(objects.map(({ kind }) => kind)).toContain('IdentityProvider')
  })
})

describe('objects of ours that a page shows', () => {
  const shown = pages
    .filter((page) => page.startsWith('docs/'))
    .flatMap((page) =>
      codeBlocks(page, 'yaml')
        .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject | null))
        .filter((object) => object?.apiVersion?.startsWith?.('access.gatehouse.dev/') === true)
        .map((object) => ({ page, kind: object?.kind, object })),
    )

  test.for(shown)('are valid: $kind on $page', ({ object }) => {
    expect(readObject(object as KubeObject).problems).toEqual([])
  })
})
