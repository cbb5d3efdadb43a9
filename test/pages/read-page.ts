import type { Answer } from '../../src/pages/answer.ts'

/** What a person reads on a page, without markup, each run of white space as one blank. */
export function readable({ body }: Answer): string {
  const main = /<body>([\s\S]*)<\/body>/.exec(body)?.[1] ?? ''
  return main
    .replace(/<span class="initial"[^>]*>[^<]*<\/span>/g, '')
    .replace(/<wbr>|<\/?(?:bdi|strong|code)>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The links of a page in the order in which the keyboard reaches them, as `label → target`. */
export function links({ body }: Answer): readonly string[] {
  return [...body.matchAll(/<a\s[^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].map(([, target = '', label = '']) => {
    const text = label.replace(/<span class="initial"[^>]*>[^<]*<\/span>/g, '').replace(/<[^>]*>/g, '')
    return `${text.trim()} → ${target.replaceAll('&amp;', '&')}`
  })
}
