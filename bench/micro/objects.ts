import { createHash } from 'node:crypto'
import type { CompileContext } from '../../src/resources/compile.ts'
import { type ReadObject, readObject } from '../../src/resources/objects.ts'

export const compileContext: CompileContext = {
  issuer: 'https://auth.example.com',
  systemNamespace: 'gatehouse',
  hashHex: (text) => createHash('sha256').update(text).digest('hex'),
  cookiePrefix: '__Host-',
  hostClaims: [],
  allowHttpLocalhost: false,
  lastKnown: new Map(),
  objectsFrom: 'Files',
  isWhole: true,
}

/** Manifests as they come out of a file. */
export function objectsOf(manifests: readonly object[]): ReadObject[] {
  return manifests.map((manifest) => readObject(manifest))
}
