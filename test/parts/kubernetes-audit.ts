import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A request as the API server noted it down, without its content. */
export interface AuditedRequest {
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string; readonly extra?: Readonly<Record<string, readonly string[]>> }
  readonly objectRef?: {
    readonly resource: string
    readonly apiGroup?: string
    readonly namespace?: string
    readonly name?: string
    readonly subresource?: string
  }
  readonly responseStatus?: { readonly code: number; readonly message?: string }
  /** RFC 3339. */
  readonly requestReceivedTimestamp: string
}

/** Makes an API server note down what one user asks of it. */
export interface Audit {
  /** Arguments of kube-apiserver. */
  readonly args: readonly string[]
  /** What it has noted so far, the oldest first. A watch stands there from its beginning, and again with its end. */
  requests(): Promise<AuditedRequest[]>
}

/** @param directory an existing one, for the policy and the log */
export async function auditOf(user: string, directory: string): Promise<Audit> {
  const [policy, log] = [join(directory, 'audit-policy.json'), join(directory, 'audit.log')]
  const content = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users: [user] }, { level: 'None' }],
  }
  await writeFile(policy, JSON.stringify(content))
  await writeFile(log, '')
  return {
    args: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'],
    async requests() {
      const lines = (await readFile(log, 'utf8')).split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditedRequest)
    },
  }
}
