import fc from 'fast-check'

/** Texts put together of pieces: mostly what could stand there, now and then something that could not. */
function of(pieces: readonly string[], maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength }).map((parts) => parts.join(''))
}

/** Nothing that JSON cannot carry, and nothing longer than a schema of its own would refuse. */
const anything = fc.string({ unit: 'grapheme', maxLength: 20 })

const labels = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-zA-Z0-9_-]{0,5}$/) },
  { weight: 1, arbitrary: fc.constantFrom('*', '', 'a'.repeat(63), 'a'.repeat(64), 'ü', '\u212a', 'localhost') },
)

export const hosts: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '', '*.'),
        fc.array(labels, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('', '', '', '.', ':0', '\n'),
      )
      .map(([start, all, end]) => `${start}${all.join('.')}${end}`),
  },
  { weight: 1, arbitrary: fc.integer({ min: 248, max: 255 }).map((length) => 'a.'.repeat(128).slice(0, length)) },
  { weight: 1, arbitrary: anything },
)

const PATH_PIECES = [
  ...[
    '/',
    '/',
    '/',
    'a',
    'B',
    '0',
    '-',
    '_',
    '~',
    '.',
    '..',
    '%20',
    '%2',
    '%',
    '%e',
    '%zz',
    ';',
    '\\',
    '?',
    '#',
    '*',
    '//',
  ],
  ...['%2e', '%2F', '%41', '%7E', '%40', '%C3%A9', '%c0%80', '%E0%8a', '%f0%80', '%fc%8', '%00', '%7f', '%5c', '%5B'],
  ...[
    '!',
    '$',
    '&',
    "'",
    '(',
    ')',
    '+',
    ',',
    '=',
    ':',
    '@',
    '"',
    '<',
    '>',
    '[',
    ']',
    '^',
    '`',
    '{',
    '|',
    '}',
    ' ',
    'ä',
  ],
]

export const paths: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: of(PATH_PIECES, 6).map((text) => `/${text}`) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.stringMatching(/^[a-zA-Z0-9._~@-]{1,5}$/), { minLength: 1, maxLength: 4 })
      .map((all) => `/${all.join('/')}`),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }))
      .map(([a, b]) => `/x%${hex(a)}%${hex(b).toUpperCase()}y`),
  },
  { weight: 1, arbitrary: anything },
)

export const ipRanges: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended()),
      fc.constantFrom('', '', '/', '/0', '/8', '/032', '/33', '/128', '/129'),
    )
    .map(([address, bits]) => address + bits),
  of(['0', '1', 'ff', 'FFFF', '00000', '255', '256', '01', ':', ':', '::', '.', '.', '/24', '%1', 'g'], 9),
)

export const durations: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.nat({ max: 9000 }), fc.nat({ max: 99 }), fc.nat({ max: 70 }), fc.nat({ max: 7 }))
    .map(([h, m, s, parts]) => `${parts & 1 ? `${h}h` : ''}${parts & 2 ? `${m}m` : ''}${parts & 4 ? `${s}s` : ''}`),
  of(['0', '1', '59', '60', '61', '525600', '8760', 'h', 'm', 's', 'ms', 'd', '.', '-', '+', ' '], 5).filter(
    (text) => text.length <= 20,
  ),
)

const ISSUER_HOSTS = [
  ...['login', 'login.example.com', 'A_b.example', 'localhost', 'a.localhost', 'a.b1', '1.b', 'b.1', 'a..b', '.', '-'],
  ...['0.0.0.1', '10.0.0.1', '169.254.1.1', '1.2.3', '1.2.3.4.5', '223.0.0.1', '224.0.0.1', '240.0.0.1', '08.1.1.1'],
  ...['[::1]', '[::]', '[fe7f::1]', '[fe80::]', '[fec0::1]', '[ff00::]', '[fd00:ec2::254]', '[fd00:ec2::255]'],
  ...[
    '[::ffff:1.2.3.4]',
    '[::fffe:1.2.3.4]',
    '[::1.2.3.4]',
    '[0::0:0]',
    '[::0.0.0.0]',
    '[64:ff9b::a9fe:a9fe]',
    '[1::g]',
  ],
]

export const issuers: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('https://', 'https://', 'https://', 'http://', 'ftp://', 'https:/', ''),
    fc.constantFrom('', '', '', 'a@', 'a:b@'),
    fc.constantFrom(...ISSUER_HOSTS),
    fc.constantFrom('', '', '', ':', ':0', ':443', ':65535', ':65536', ':99999', ':a'),
    of(['/', '/', 'a', '.', '%41', '%4', '%', '?', '#', '@', '\\', ' ', '~', '|', '"', '[', ']', 'ä'], 4).map(
      (text) => `/${text}`,
    ),
    fc.boolean(),
  )
  .map(([scheme, user, host, port, path, isWhole]) => `${scheme}${user}${host}${port}${isWhole ? path : ''}`)

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
