import { stringify } from 'yaml'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { type Kind, type KindDeclaration, kinds } from '../../src/resources/v1alpha1/index.ts'
import { GROUP, VERSION } from '../../src/resources/v1alpha1/metadata.ts'
import { structuralSchema } from './structural-schema.ts'

/** A CustomResourceDefinition, ready to be applied. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
}

/** The definition of every kind, in the order of the reference. */
export function customResourceDefinitions(): CustomResourceDefinition[] {
  return Object.values(kinds).map(definitionOf)
}

/** A definition as a document of YAML. */
export function definitionText(definition: CustomResourceDefinition): string {
  return `# Made by \`npm run generate\` from src/resources/v1alpha1; change that.\n${stringify(definition, { lineWidth: 120, aliasDuplicateObjects: false })}`
}

/** One file for each kind. */
export const generators = Object.values(kinds).map((declaration) => ({
  file: `manifests/crds/${GROUP}_${pluralOf(declaration.kind)}.yaml`,
  content: () => definitionText(definitionOf(declaration)),
}))

interface Column {
  readonly name: string
  readonly type: 'string' | 'date'
  readonly jsonPath: string
  readonly description?: string
  /** 1: with `-o wide` only. */
  readonly priority?: 1
}

const ACCEPTED: Column = condition('Accepted')
const PROGRAMMED: Column = condition('Programmed')
const REASON: Column = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.conditions[?(@.status=="False")].reason',
  description: 'Why not.',
}
const MESSAGE: Column = {
  name: 'Message',
  type: 'string',
  jsonPath: '.status.conditions[?(@.status=="False")].message',
  description: 'Why not, in words.',
  priority: 1,
}
const AGE: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
const STATE: readonly Column[] = [ACCEPTED, PROGRAMMED, REASON, MESSAGE, AGE]

/** How `kubectl` names and prints each kind. */
const presentation: Readonly<Record<Kind, { readonly shortName: string; readonly columns: readonly Column[] }>> = {
  AccessApplication: {
    shortName: 'accessapp',
    columns: [
      // The server prints no more than the first of what a path finds.
      {
        name: 'Host',
        type: 'string',
        jsonPath: '.spec.destinations[0].host',
        description: 'Host of the first destination.',
      },
      ...STATE,
      { name: 'Destinations', type: 'string', jsonPath: '.spec.destinations', priority: 1 },
      { name: 'Policies', type: 'string', jsonPath: '.spec.policies', priority: 1 },
    ],
  },
  AccessPolicy: {
    shortName: 'accesspol',
    columns: [
      { name: 'Action', type: 'string', jsonPath: '.spec.action' },
      { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
      ...STATE,
    ],
  },
  AccessGroup: { shortName: 'accessgrp', columns: STATE },
  IdentityProvider: {
    shortName: 'idp',
    columns: [
      { name: 'Type', type: 'string', jsonPath: '.spec.type' },
      { name: 'Issuer', type: 'string', jsonPath: '.spec.oidc.issuer' },
      ...STATE,
    ],
  },
}

function condition(type: string): Column {
  return { name: type, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status` }
}

function definitionOf(declaration: KindDeclaration): CustomResourceDefinition {
  const { kind, scope } = declaration
  const { shortName, columns } = presentation[kind]
  const plural = pluralOf(kind)
  const singular = kind.toLowerCase()
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames: [shortName], categories: ['access'] },
      scope,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: objectSchema(declaration) },
        },
      ],
    },
  }
}

function pluralOf(kind: Kind): string {
  const resource = Object.values(apiResources).find((one) => one.group === GROUP && one.kind === kind)
  if (resource === undefined) throw new Error(`${kind} is not served`)
  return resource.plural
}

/** The API server has its own checks of `metadata`; a kind may only narrow the name. */
function objectSchema({ scope, schema, status, summary }: KindDeclaration): object {
  const { properties = {}, required = [] } = structuralSchema(schema)
  const { name } = properties.metadata?.properties ?? {}
  return {
    description: summary,
    type: 'object',
    required: required.filter((field) => field === 'spec'),
    properties: {
      apiVersion: { type: 'string', maxLength: 317, description: 'Group and version of the object.' },
      kind: { type: 'string', maxLength: 63, description: 'Kind of the object.' },
      metadata: { type: 'object', ...(scope === 'Cluster' && name ? { properties: { name } } : {}) },
      spec: properties.spec,
      status: structuralSchema(status),
    },
  }
}
