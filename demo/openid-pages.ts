import type { Account } from './openid-provider.ts'

export interface LoginPageData {
  /** What the provider is called. */
  readonly title: string
  readonly accounts: readonly Account[]
  /** Whether each account is a button; if not, there is a field to type a name into. */
  readonly listsAccounts: boolean
  /** Why the last try did not work. */
  readonly problem?: string | undefined
}

/** The login page of a provider without passwords: whoever one says to be, one is. */
export function loginPage({ title, accounts, listsAccounts, problem = '' }: LoginPageData): string {
  const heading = `Log in at ${title}`
  const ways = listsAccounts ? buttons(accounts) : field(accounts)
  return page(
    heading,
    `<p class="mark">${escaped(title.slice(0, 1))}</p><h1>${escaped(heading)}</h1>
<form method="post">${ways}
<p role="alert">${escaped(problem)}</p>
<p class="end"><button class="quiet" type="submit" name="cancel" value="yes" formnovalidate>Cancel</button></p></form>`,
  )
}

function buttons(accounts: readonly Account[]): string {
  const items = accounts.map(
    ({ sub, login = sub, name = sub, groups = [] }) =>
      `<li><button class="account" type="submit" name="login" value="${escaped(login)}"><b>${escaped(name)}</b>
<small>${escaped([login, ...groups].join(' · '))}</small></button></li>`,
  )
  return `<p>No passwords in this demo: who would you like to be?</p><ul>${items.join('')}</ul>`
}

function field(accounts: readonly Account[]): string {
  const names = accounts.map(({ sub, login = sub }) => `<option value="${escaped(login)}">`).join('')
  return `<p><label for="login">Who are you?</label></p>
<p><input id="login" name="login" list="accounts" autocomplete="off" autofocus></p>
<datalist id="accounts">${names}</datalist>
<p><button type="submit">Log in</button></p>`
}

/** Asks whether to log out and answers yes by itself where scripts run. */
export function logoutPage(form: string): string {
  const answer = '<input type="hidden" name="logout" value="yes"><p><button type="submit">Log out</button></p></form>'
  return page(
    'Log out',
    `<h1>Log out</h1>${form.replace('</form>', answer)}<script>document.forms[0].submit()</script>`,
  )
}

/** Where a logout ends that names no place to go back to. */
export function loggedOutPage(): string {
  return page('Logged out', '<h1>Logged out</h1><p>You are logged out of the provider.</p>')
}

/** What the provider says of a request that it cannot serve. */
export function failedPage({ error, error_description: description }: Readonly<Record<string, string>>): string {
  return page('The login failed', `<h1>The login failed</h1><p>${escaped(error)}: ${escaped(description)}</p>`)
}

const STYLESHEET = `:root{color-scheme:light dark;--ground:#eef0f6;--card:#fff;--ink:#1c2030;--soft:#5b6275;--line:#d5d9e5;--accent:#3949ab}
@media (prefers-color-scheme:dark){:root{--ground:#12141c;--card:#1c202c;--ink:#e8eaf2;--soft:#a6adc0;--line:#343a4c;--accent:#aab4ff}}
*{box-sizing:border-box}
body{margin:0;padding:max(1.5rem,10vh) 1rem 2rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:25rem;margin:0 auto;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
h1{margin:0 0 .5rem;font-size:1.4rem;line-height:1.25}p{margin:.5rem 0}p:empty{display:none}
.mark{display:grid;place-items:center;width:2.75rem;height:2.75rem;margin:0 0 1.25rem;border-radius:.4rem;background:var(--accent);color:var(--card);font-size:1.25rem;font-weight:700}
ul{display:grid;gap:.6rem;margin:1.25rem 0;padding:0;list-style:none}
button,input{font:inherit;padding:.55rem 1rem;border:1px solid var(--line);border-radius:.4rem;background:none;color:inherit}
button{cursor:pointer}button:hover{border-color:var(--accent)}input{width:100%}
.account{width:100%;padding:.75rem 1rem;text-align:left}.account b,.account small{display:block}.account small,.end{color:var(--soft)}
.quiet{padding:.3rem 0;border:0;text-decoration:underline}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>${STYLESHEET}</style></head>
<body><main>${content}</main></body></html>`
}

function escaped(value: unknown): string {
  return String(value ?? '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
