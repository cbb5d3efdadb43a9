import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../src/cli/index.ts'
import { subjectOf } from '../../src/providers/subject.ts'
import { type AdminWorld, startWorld, TOKEN } from '../admin/world.ts'
import { testCertificate } from '../parts/certificate.ts'
import { clientAuthorityFile, clientCertificateFiles } from '../parts/client-certificates.ts'
import { freshSid, sampleSession } from '../sessions/sample-session.ts'
import type { CommandRun } from './workplace.ts'

/** A subject as Gatehouse makes them. */
const SUBJECT = subjectOf('corporate', 'ada')

let world: AdminWorld
let url: string
beforeEach(async () => {
  world = await startWorld()
  url = `http://127.0.0.1:${world.port}`
})
afterEach(() => world[Symbol.asyncDispose]())

async function gatehouse(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { GATEHOUSE_API_URL: url, GATEHOUSE_API_TOKEN_FILE: 'token' },
): Promise<CommandRun> {
  const run = { code: 0, out: '', err: '' }
  run.code = await runCommand(args, {
    stdout: { write: (text) => (run.out += text) },
    stderr: { write: (text) => (run.err += text) },
    env,
    cwd: '/srv',
    readFile: async (file) => (file === '/srv/token' ? `${TOKEN}\n` : readFile(file, 'utf8')),
  })
  return run
}

describe('gatehouse sessions list', () => {
  test('prints a table, one line for each session', async () => {
    const session = sampleSession({ sid: freshSid() })
    await world.sessions.save(session)
    const { code, out, err } = await gatehouse(['sessions', 'list', '--email', 'Ada@example.com'])
    expect([code, err]).toEqual([0, ''])
    const [headings, row, ...rest] = out.trimEnd().split('\n')
    expect(headings).toMatch(/^SID +PROVIDER +PERSON +SIGNED IN +LAST SEEN +EXPIRES +FROM +STATE +SUBJECT$/)
    expect(row?.split(/ {2,}/)).toEqual([
      session.sid,
      'corporate',
      'ada@example.com',
      '2026-09-21T14:13:20Z',
      '2026-09-21T14:13:20Z',
      '2026-09-21T15:13:20Z',
      '203.0.113.9',
      'live',
      'subject-of-ada',
    ])
    expect(rest).toEqual([])
  })

  test('prints JSON, which holds all that the admin API tells', async () => {
    const session = sampleSession()
    await world.sessions.save(session)
    const { out } = await gatehouse(['sessions', 'list', '--all', '--json'])
    expect(JSON.parse(out)).toEqual((await world.call('/v1/sessions?all=true')).body)
  })

  test.for([[['--all']], [['--all', '--json']]])(
    '%j lets no name of a person’s or a browser’s reach the terminal as a command',
    async ([options]) => {
      const hostile = '\u001b]0;owned\u0007\u009b2J\u202e\u200b'
      const session = sampleSession({ userAgent: hostile })
      await world.sessions.save({ ...session, identity: { ...session.identity, email: `${hostile}@example.com` } })
      const { out } = await gatehouse(['sessions', 'list', ...(options ?? [])])
      expect(out).toContain('owned')
      expect(out).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u)
    },
  )

  test('goes on page by page up to the limit, and says that there may be more', async () => {
    for (let count = 0; count < 12; count++) await world.sessions.save(sampleSession())
    const few = await gatehouse(['sessions', 'list', '--all', '--limit', '5'])
    expect([few.out.trimEnd().split('\n').length, few.err]).toEqual([6, expect.stringContaining('--limit')])
    const all = await gatehouse(['sessions', 'list', '--all'])
    expect([all.out.trimEnd().split('\n').length, all.err]).toEqual([13, ''])
  })

  test.for([
    [[], 'exactly one of'],
    [['--all', '--email', 'a@b'], 'exactly one of'],
    [['--all', '--limit', '0'], '--limit'],
    [['--all', '--limit', 'x'], '--limit'],
    [['--subject', 'bogus'], '--subject takes a subject: Gatehouse’s own'],
    [['--subject', SUBJECT.slice(1)], '--subject takes a subject'],
    [['--all', 'extra'], 'no argument'],
    [['--al'], 'Unknown option'],
  ] as const)('exits 2 for %j', async ([args, said]) => {
    const { code, err } = await gatehouse(['sessions', 'list', ...args])
    expect([code, err]).toEqual([2, expect.stringContaining(said)])
  })
})

test('the help of sessions list says that it shows revoked ones too, and how', async () => {
  expect((await gatehouse(['sessions', 'list', '--help'])).out).toContain('STATE')
})

describe('revoking from the command line', () => {
  test('says in a note that nobody was hit', async () => {
    const { code, out } = await gatehouse(['revoke', 'user', 'nobody@example.com', '--reason', 'x'])
    expect([code, out]).toEqual([0, expect.stringContaining('note: No session that this hits is listed now')])
  })

  const sid = freshSid()
  test.for([
    [['sessions', 'revoke', '--reason', 'x', '--', sid], { kind: 'session', sid }],
    [['revoke', 'user', 'Ada@example.com', '--reason', 'x'], { kind: 'email', email: 'ada@example.com' }],
    [['revoke', 'user', SUBJECT, '--reason', 'x'], { kind: 'subject', subject: SUBJECT }],
    [['revoke', 'application', 'shop/cart', '--reason', 'x'], { kind: 'application', application: 'shop/cart' }],
    [['revoke', 'all', '--yes', '--reason', 'x'], { kind: 'everybody' }],
  ] as const)('%j revokes %j', async ([args, scope]) => {
    const { code, out, err } = await gatehouse(args)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('accepted: nothing issued up to 2026-09-21T14:13:21.000Z counts any more')
    expect(out).toContain('2 of 2')
    expect(world.revoked.map((one) => one.scope)).toEqual([scope])
  })

  test('tells why and for whom', async () => {
    await gatehouse(['revoke', 'user', SUBJECT, '--reason', 'has left', '--requested-by', 'the office'])
    expect(world.revoked[0]?.by).toMatchObject({ note: 'has left (asked for by the office)', name: 'bearer' })
  })

  test('exits 3 while it is pending', async () => {
    world.become('pending')
    const { code, out } = await gatehouse(['revoke', 'user', SUBJECT, '--reason', 'x'])
    expect([code, out]).toEqual([3, expect.stringContaining('pending')])
  })

  test('says why it is pending if as many replicas have it as are wanted', async () => {
    world.become('pending', 2)
    const { code, out } = await gatehouse(['revoke', 'user', SUBJECT, '--reason', 'x'])
    expect([code, out]).toEqual([
      3,
      expect.stringContaining('have it: 2 of 2\nbut no majority of the Sentinels vouches'),
    ])
    world.become('pending')
    expect((await gatehouse(['revoke', 'user', SUBJECT, '--reason', 'x'])).out).not.toContain('Sentinels')
  })

  test('exits 1 if the store is silent, and says what that means', async () => {
    world.become('silent')
    const { code, out, err } = await gatehouse(['revoke', 'user', SUBJECT, '--reason', 'x'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('refused, store-unavailable: The store gave no answer.')
    expect(err).toMatch(/ unless it has\. Ask again in 1 second\.\n$/)
  })

  test('prints the answer as JSON, and notes', async () => {
    const { out } = await gatehouse(['revoke', 'application', 'shop/crat', '--reason', 'x', '--json'])
    expect(JSON.parse(out)).toMatchObject({ status: 'accepted', note: 'There is no application of this name now.' })
    expect((await gatehouse(['revoke', 'application', 'shop/crat', '--reason', 'x'])).out).toContain(
      'note: There is no',
    )
  })

  test('names the field that the admin API has refused', async () => {
    const { code, err } = await gatehouse(['revoke', 'application', 'cart', '--reason', 'x'])
    expect(code).toBe(1)
    expect(err).toContain('refused, admin-invalid')
    expect(err).toContain('scope.application: expected an application as `namespace/name`')
  })

  test.for([
    [['revoke', 'all', '--reason', 'x'], '--yes is needed'],
    [['revoke', 'all', '--yes'], '--reason is needed'],
    [['revoke', 'user', SUBJECT], '--reason is needed'],
    [['revoke', 'user', 'ada', '--reason', 'x'], 'neither an email address nor a subject'],
    [['revoke', 'user', 'ada@', '--reason', 'x'], '`sessions list` shows'],
    [['revoke', 'user', SUBJECT.slice(1), '--reason', 'x'], 'neither an email address nor a subject'],
    [['revoke', 'user', '--reason', 'x'], '1 argument is expected besides options (EMAIL|SUBJECT), not 0'],
    [['revoke', 'user', 'a', 'b', '--reason', 'x'], '1 argument is expected besides options (EMAIL|SUBJECT), not 2'],
    [['revoke', 'application', '--reason', 'x'], '1 argument is expected besides options (NAMESPACE/NAME), not 0'],
    [['sessions', 'revoke', '--reason', 'x'], '1 argument is expected besides options (SID), not 0'],
    [['revoke', 'everybody'], 'is no command'],
  ] as const)('%j exits 2 and revokes nothing', async ([args, said]) => {
    const { code, err } = await gatehouse(args)
    expect([code, err]).toEqual([2, expect.stringContaining(said)])
    expect(world.revoked).toEqual([])
  })
})

describe('the way to the admin API', () => {
  const list = ['sessions', 'list', '--all']

  test('is told by options before variables', async () => {
    const env = { GATEHOUSE_API_URL: 'http://127.0.0.1:1', GATEHOUSE_API_TOKEN_FILE: 'elsewhere' }
    expect((await gatehouse([...list, '--admin-url', url, '--token-file', 'token'], env)).code).toBe(0)
  })

  test.for([
    ['no credential', { GATEHOUSE_API_URL: 'http://127.0.0.1' }, 'a credential is needed'],
    [
      'a file that is not there',
      { GATEHOUSE_API_TOKEN_FILE: 'elsewhere' },
      'GATEHOUSE_API_TOKEN_FILE: elsewhere cannot be read (ENOENT)\n',
    ],
    ['a file that holds no token', { GATEHOUSE_API_TOKEN_FILE: clientAuthorityFile }, 'holds no token'],
    ['no URL', { GATEHOUSE_API_URL: '127.0.0.1:9091' }, '--admin-url takes'],
    ['a path', { GATEHOUSE_API_URL: 'http://127.0.0.1/v1' }, '--admin-url takes'],
    ['a password in the URL', { GATEHOUSE_API_URL: 'http://a:b@127.0.0.1' }, '--admin-url takes'],
    [
      'another host without TLS',
      { GATEHOUSE_API_URL: 'http://gatehouse.example.com', GATEHOUSE_API_TOKEN_FILE: 'token' },
      '--allow-plaintext',
    ],
    ['a certificate without TLS', { GATEHOUSE_API_CERT: 'c', GATEHOUSE_API_KEY: 'k' }, 'for an https URL'],
    ['a certificate without its key', { GATEHOUSE_API_CERT: 'c' }, 'belong together'],
  ] as const)('%s exits 2', async ([, env, said]) => {
    const { code, err } = await gatehouse(list, env as Record<string, string>)
    expect([code, err]).toEqual([2, expect.stringContaining(said)])
  })

  test('names the option whose file cannot be read', async () => {
    const { code, err } = await gatehouse([...list, '--token-file', 'elsewhere'])
    expect([code, err]).toEqual([2, '--token-file: elsewhere cannot be read (ENOENT)\n'])
  })

  test('takes no empty option for none', async () => {
    const { code, err } = await gatehouse([...list, '--admin-url', 'https://127.0.0.1:1', '--ca', ''])
    expect([code, err]).toEqual([2, expect.stringMatching(/^--ca: {2}cannot be read/)])
  })

  test('that leads nowhere exits 1 and says where', async () => {
    const { code, err } = await gatehouse([...list, '--admin-url', 'http://127.0.0.1:1'])
    expect([code, err]).toEqual([1, 'http://127.0.0.1:1 cannot be reached (ECONNREFUSED)\n'])
  })

  test('with a wrong token exits 1', async () => {
    await world.writeToken(TOKEN.split('').reverse().join(''))
    const { code, err } = await gatehouse(list)
    expect([code, err]).toEqual([1, expect.stringContaining('refused, admin-unauthenticated')])
  })

  test('says how long to wait where others have guessed too often', async () => {
    for (let count = 0; count < 10; count++)
      await world.call('/v1/sessions', { headers: { authorization: 'Bearer x' } })
    expect((await gatehouse(list)).code).toBe(0)
    await world.writeToken(TOKEN.split('').reverse().join(''))
    const { code, err } = await gatehouse(list)
    expect([code, err]).toEqual([
      1,
      'refused, admin-too-many-failures: Too many wrong credentials came from this address. Ask again in 6 seconds.\n',
    ])
  })

  test.for([
    ['text/html', '<html>'],
    ['application/json', '{"sessions":"many"}'],
    ['application/json', '[]'],
  ])('that leads to something else exits 1 (%s %s)', async ([type = '', body]) => {
    const other = createServer((_, response) => response.writeHead(200, { 'content-type': type }).end(body))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const { code, err } = await gatehouse([...list, '--admin-url', `http://127.0.0.1:${port}`])
    expect([code, err]).toEqual([1, 'the answer 200 is not one of the admin API\n'])
    other.close()
  })
})

describe('over mutual TLS', () => {
  const tls = {
    certFile: testCertificate.certFile,
    keyFile: testCertificate.keyFile,
    clientCaFile: clientAuthorityFile,
    allowedNames: ['deployer'],
  }

  test('a certificate and its key are enough, and the listener’s has to be of the authority that was named', async () => {
    await using secure = await startWorld({ tokenFile: undefined, tls })
    const { certFile, keyFile } = clientCertificateFiles('deployer')
    const args = ['sessions', 'list', '--all', '--admin-url', `https://localhost:${secure.port}`]
    const client = ['--cert', certFile, '--key', keyFile]
    expect(await gatehouse([...args, ...client, '--ca', testCertificate.authorityFile], {})).toMatchObject({ code: 0 })

    const untrusted = await gatehouse([...args, ...client], {})
    expect([untrusted.code, untrusted.err]).toEqual([1, expect.stringMatching(/cannot be reached \([A-Z_]+\)/)])
    const broken = await gatehouse([...args, '--cert', keyFile, '--key', keyFile, '--ca', clientAuthorityFile], {})
    expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('cannot be reached')])
  })
})
