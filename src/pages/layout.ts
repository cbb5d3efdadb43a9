import { type Html, html } from './html.ts'
import { FAVICON, MARK } from './icons.ts'
import { STYLESHEET } from './stylesheet.ts'

export interface LayoutData {
  /** Stands in the browser's tab, before the product's name. */
  readonly title: string
  /** What is inside `<main>`; begins with the page's only `<h1>` or a drawing before it. */
  readonly content: Html
  /** `narrow` (the default): one card. `wide`: the whole width, for tiles. */
  readonly shape?: 'narrow' | 'wide'
  /** Stands beside the mark at the top. */
  readonly aside?: Html | undefined
  /** Where the browser goes on its own at once; has to be an admitted target of a link. */
  readonly refresh?: string | undefined
}

/** The shell of every page: one document, no script, no other request. */
export function layout({ title, content, shape = 'narrow', aside, refresh }: LayoutData): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · Gatehouse</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${
  refresh !== undefined &&
  html`<meta http-equiv="refresh" content="0;url=${refresh}">
`
}${FAVICON}
<style>${STYLESHEET}</style>
</head>
<body>
<div class="frame ${shape}">
<header><div class="mark">${MARK}<span>Gatehouse</span></div>${aside}</header>
<main${shape === 'narrow' && html` class="card"`}>
${content}
</main>
</div>
</body>
</html>
`
}
