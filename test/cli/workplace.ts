import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../../src/cli/index.ts'
import { temporaryDirectory } from '../parts/directory.ts'

/** Resources that are in order if `shared` is the system namespace. */
export const GOOD = `apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: app, namespace: apps }
spec:
  destinations: [{ host: app.example.com }, { host: auth.example.com, path: /x }]
  policies: [{ name: staff }, { name: all, namespace: shared }]
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: { name: staff, namespace: apps }
spec: { action: Allow, include: [{ emailDomain: example.com }], require: [{ group: { name: eng } }] }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: { name: all, namespace: shared }
spec: { action: Bypass, include: [{ method: [OPTIONS] }] }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: IdentityProvider
metadata: { name: staff }
spec: { type: OIDC, oidc: { issuer: https://login.example.com, clientID: a, clientSecretRef: { name: a, key: b } } }
`

export interface CommandRun {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A new folder with an empty folder `manifests`, in which commands are run. */
export async function workplace() {
  const { path, [Symbol.asyncDispose]: dispose } = await temporaryDirectory('cli')
  await mkdir(join(path, 'manifests'))
  return {
    write: (file: string, text: string) => writeFile(join(path, file), text),
    async gatehouse(...args: string[]): Promise<CommandRun> {
      const run = { code: 0, out: '', err: '' }
      run.code = await runCommand(args, {
        stdout: { write: (text) => (run.out += text) },
        stderr: { write: (text) => (run.err += text) },
        env: {},
        cwd: path,
        readFile: (file) => readFile(file, 'utf8'),
      })
      return run
    },
    [Symbol.asyncDispose]: dispose,
  }
}
