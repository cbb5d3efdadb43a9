import { expect, test } from 'vitest'
import { load, minimal } from './files.ts'

const redis = (settings: string) => minimal({ store: `{ type: Redis, redis: { url: redis://r, ${settings} } }` })
const password = async (content: string) => {
  const result = await load(redis('passwordFile: secret'), {}, { '/etc/gatehouse/secret': content })
  return result.ok && result.config.store.type === 'Redis' ? result.config.store.redis.password : result
}

test.for([
  ['correct horse', 'correct horse'],
  ['correct horse\n', 'correct horse'],
  ['correct horse\r\n', 'correct horse'],
  ['correct horse\n\n', 'correct horse\n'],
  [' correct horse ', ' correct horse '],
] as const)('a secret is the content of its file without one newline: %j', async ([content, expected]) => {
  expect(await password(content)).toBe(expected)
})

test.for([
  ['an empty file', '\n', 'an empty text, in /etc/gatehouse/secret', 'a password'],
  [
    'a placeholder',
    'changeme\n',
    'a secret, which is not shown, in /etc/gatehouse/secret',
    'a secret of your own in place of the placeholder',
  ],
] as const)('%s is refused where the file is named', async ([, content, found, expected]) => {
  expect(await password(content)).toEqual({
    ok: false,
    problems: [{ path: 'store.redis.password', source: 'gatehouse.yaml:3', found, expected }],
  })
})

test.for([
  [
    'both forms',
    redis('password: hunter2, passwordFile: secret'),
    'store.redis.passwordFile',
    'both `password` and `passwordFile`',
    'one of them',
  ],
  [
    'a file that does not exist',
    redis('passwordFile: nowhere'),
    'store.redis.passwordFile',
    '"/etc/gatehouse/nowhere", which does not exist',
    'a file that can be read',
  ],
  ['no path', redis('passwordFile: 7'), 'store.redis.passwordFile', 'the number 7', 'the path of a file'],
  ['an empty path', redis('passwordFile: ""'), 'store.redis.passwordFile', 'an empty text', 'the path of a file'],
  [
    'keys that are nowhere',
    minimal({ keys: '{ setFile: nowhere }' }),
    'keys.setFile',
    '"/etc/gatehouse/nowhere", which does not exist',
    'a file that can be read',
  ],
  [
    'a URL that is nowhere',
    minimal({ store: '{ type: Redis, redis: { urlFile: nowhere } }' }),
    'store.redis.urlFile',
    '"/etc/gatehouse/nowhere", which does not exist',
    'a file that can be read',
  ],
] as const)('%s is exactly one problem', async ([, yaml, path, found, expected]) => {
  const result = await load(yaml, {}, { '/etc/gatehouse/secret': 'correct horse' })
  expect(result).toEqual({
    ok: false,
    problems: [{ path, source: expect.stringMatching(/^gatehouse\.yaml:\d$/), found, expected }],
  })
})

test('no report shows a secret, whatever else is wrong with it', async () => {
  const secrets = ['hunter2', 'swordfish']
  const texts = [
    redis('password: [hunter2, swordfish]'),
    redis('password: { hunter2: swordfish }'),
    minimal({ store: 'hunter2', keys: 'swordfish' }),
    minimal({ store: '{ type: Redis, redis: "hunter2" }', keys: '{ set: swordfish }' }),
    redis('username: { a: hunter2 }, tls: { key: swordfish }'),
    redis('pasword: hunter2'),
    minimal({ auth: '{ url: "https://me:hunter2@auth.example.com" }' }),
    'hunter2',
  ]
  for (const yaml of texts) {
    const report = JSON.stringify(await load(yaml, { GATEHOUSE_PASSWORD: 'swordfish' }))
    for (const secret of yaml.includes('{ hunter2:') ? ['swordfish'] : secrets) expect(report).not.toContain(secret)
  }
})
