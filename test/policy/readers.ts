/**
 * Ways in which servers read the path of a request target: proxies, frameworks and file systems, each by the habit that
 * the others lack. None of them knows anything of `src/`.
 */
export interface Reader {
  readonly name: string
  readonly read: (path: string) => string
}

const removeDotSegments: Reader = {
  name: 'removes dot segments (RFC 3986 section 5.2.4)',
  read: (path) => {
    const kept: string[] = []
    const segments = path.split('/').slice(1)
    for (const [index, segment] of segments.entries()) {
      const isLast = index === segments.length - 1
      if (segment === '..') kept.pop()
      if (segment !== '.' && segment !== '..') kept.push(segment)
      else if (isLast) kept.push('')
    }
    return `/${kept.join('/')}`
  },
}

const mergeSlashes: Reader = { name: 'merges slashes', read: (path) => path.replace(/\/+/g, '/') }
const stripParameters: Reader = { name: 'strips ;parameters', read: (path) => path.replace(/;[^/]*/g, '') }
const backslashIsSlash: Reader = { name: 'takes backslashes for slashes', read: (path) => path.replaceAll('\\', '/') }
const decodeOnce: Reader = { name: 'decodes once', read: decode }
const decodeTwice: Reader = { name: 'decodes twice', read: (path) => decode(decode(path)) }
const ignoreCase: Reader = { name: 'ignores letter case', read: (path) => path.toLowerCase() }

const dropTrailingDots: Reader = {
  name: 'drops dots and spaces at the end of a name',
  read: (path) =>
    path
      .split('/')
      .map((segment) => (/^[. ]*$/.test(segment) ? segment : segment.replace(/[. ]+$/, '')))
      .join('/'),
}

const stopAtControl: Reader = {
  name: 'stops at a control character, `#` or `?`',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such a reader is what is imitated.
  read: (path) => path.replace(/[\u0000-\u001f\u007f#?].*$/s, ''),
}

export const readers: readonly Reader[] = [
  removeDotSegments,
  mergeSlashes,
  stripParameters,
  backslashIsSlash,
  decodeOnce,
  decodeTwice,
  ignoreCase,
  dropTrailingDots,
  stopAtControl,
]

/** As it came, by one reader, and by one reader after another. */
export const readings: readonly Reader[] = [
  { name: 'reads it as it came', read: (path) => path },
  ...readers,
  ...readers.flatMap((first) =>
    readers
      .filter((second) => second !== first)
      .map((second) => ({
        name: `${first.name}, then ${second.name}`,
        read: (path: string) => second.read(first.read(path)),
      })),
  ),
]

/** Decodes byte by byte, as C servers do, leaves bad escapes alone, and takes overlong UTF-8 for what it would spell. */
function decode(path: string): string {
  if (!path.includes('%')) return path
  return path
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/[\u00c0\u00c1]([\u0080-\u00bf])/g, (pair, low: string) =>
      String.fromCharCode(((pair.charCodeAt(0) & 0x1f) << 6) | (low.charCodeAt(0) & 0x3f)),
    )
}
