import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { CHART, helm, minimal } from './helm.ts'

/** What Helm prints after an installation. */
async function notes(values: object = {}): Promise<string> {
  const args = ['install', 'gatehouse', CHART, '--namespace', 'gatehouse', '--dry-run=client']
  const { code, output, error } = await helm('helm', args, { values: { ...minimal, ...values } })
  expect([code, error]).toEqual([0, expect.not.stringContaining('Error')])
  return output.split('\nNOTES:\n')[1] ?? ''
}

needs('helm', 'the notes of the chart', () => {
  test('give commands that end where they are to end when they are pasted', async () => {
    const commands = (await notes()).split('\n').filter((line) => /^ {5}|^EOF$/.test(line))
    const said = execFileSync('sh', [
      '-c',
      `kubectl() { echo "called $*"; }\nhelm() { kubectl; }\n${commands.join('\n')}`,
    ])
    expect(String(said).split('\n')).toContain('called --namespace my-app get accessapplications')
  })

  test.for([
    ['without TLS, from within the pod', {}, 'dist/main.js sessions list --all \\\n       --token-file'],
    ['at another port of the pod', { port: 9191 }, '--all --admin-url http://127.0.0.1:9191 \\\n       --token-file'],
    [
      'with TLS, by its Service',
      { tls: { existingSecret: 'admin-tls' } },
      '--admin-url https://gatehouse-admin.gatehouse.svc:9091 \\\n       --token-file token --ca ca.crt\n',
    ],
    [
      'with certificates of callers, by one of them',
      { tls: { existingSecret: 'admin-tls', clientCASecret: { name: 'operators' } } },
      '--token-file token --ca ca.crt --cert tls.crt --key tls.key\n',
    ],
  ] as const)('say how the admin API is asked %s', async ([, admin, command]) => {
    const said = `${await notes({ admin: { enabled: true, ...admin } })}\n`
    expect(said).toContain(command)
    expect(said.includes('kubectl --namespace gatehouse exec')).toBe(!('tls' in admin))
  })
})
