/** What may stand in a template: text is escaped, markup made by `html` is not, nothing is nothing. */
export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[]

class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export type { Html }

/**
 * Makes markup; there is no other way to make it. Everything interpolated is escaped for text and for quoted attribute
 * values alike, except markup that `html` itself made. Characters that would change how the text around them reads
 * (control characters and bidirectional overrides) become U+FFFD.
 *
 * @throws {TypeError} if text is interpolated into a tag without quotes around it, where escaping would not hold
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const bare = barePlaces(parts)
  let markup = parts[0] ?? ''
  values.forEach((value, index) => {
    if (bare[index] && (typeof value === 'string' || typeof value === 'number')) {
      throw new TypeError('text inside a tag has to be quoted')
    }
    markup += render(value) + (parts[index + 1] ?? '')
  })
  return new Html(markup)
}

/** For each interpolation whether it stands inside a tag but not inside quotes. Found out once per template. */
function barePlaces(parts: TemplateStringsArray): readonly boolean[] {
  const known = bareByTemplate.get(parts)
  if (known !== undefined) return known
  const places = parts.slice(1).map((_, index) => {
    const before = parts.slice(0, index + 1).join('')
    return IN_TAG.test(before.slice(before.lastIndexOf('<') + 1).replace(QUOTED, '')) && before.includes('<')
  })
  bareByTemplate.set(parts, places)
  return places
}

const bareByTemplate = new WeakMap<TemplateStringsArray, readonly boolean[]>()
const IN_TAG = /^[a-z][^>"]*$/i
const QUOTED = /"[^"]*"/g

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return String(value)
  if (value instanceof Html) return value.toString()
  return value.map(render).join('')
}

function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(MISLEADING, '\ufffd')
    .replace(SPECIAL, (character) => ENTITIES[character] ?? '')
}

const MISLEADING = /[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069]/gu
const SPECIAL = /[&<>"'`]/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}
