import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
import { requireProgram } from './programs.ts'

/** A real Chromium with a new profile. */
export interface ChromiumPart extends AsyncDisposable {
  readonly browser: Browser
  /** A context without cookies or history, in English, that accepts the certificates of test servers. */
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>
  /** Closes all contexts, ends the browser and removes the profile. */
  stop(): Promise<void>
}

interface ChromiumSettings {
  /**
   * Where names lead: a name or a `*.` pattern to a port of 127.0.0.1, whatever port the URL names, or to `same` for the
   * URL's own. `{ '*.example.test': 18443 }` makes `https://app.example.test/` reach port 18443. Other names but
   * localhost and 127.0.0.1 do not resolve, so that no test reaches the internet.
   */
  readonly hosts?: Readonly<Record<string, number | 'same'>>
  /** Further command-line arguments. */
  readonly args?: readonly string[]
}

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const CONTEXT = { ignoreHTTPSErrors: true, locale: 'en-GB' } as const

/**
 * Starts a Chromium whose profile has these preferences, which no context can be given later, such as whose cookies are
 * blocked. Close the context to end it.
 *
 * @param directory an empty one; it becomes the profile
 * @param preferences as in a profile's `Preferences` file
 */
export async function launchProfile(
  directory: string,
  preferences: Readonly<Record<string, unknown>>,
  { hosts = {}, args = [] }: ChromiumSettings = {},
): Promise<BrowserContext> {
  await mkdir(join(directory, 'Default'))
  await writeFile(join(directory, 'Default', 'Preferences'), JSON.stringify(preferences))
  return chromium.launchPersistentContext(directory, {
    executablePath: requireProgram('chromium'),
    args: [...ARGUMENTS, `--host-resolver-rules=${resolverRules(hosts)}`, ...args],
    ...CONTEXT,
  })
}

/** Starts the system's Chromium, headless, by playwright-core, which keeps the profile in a temporary directory. */
export async function launchChromium({ hosts = {}, args = [] }: ChromiumSettings = {}): Promise<ChromiumPart> {
  const browser = await chromium.launch({
    executablePath: requireProgram('chromium'),
    args: [...ARGUMENTS, `--host-resolver-rules=${resolverRules(hosts)}`, ...args],
  })
  const stop = (): Promise<void> => browser.close()
  return {
    browser,
    newContext: (options = {}) => browser.newContext({ ...CONTEXT, ...options }),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function resolverRules(hosts: NonNullable<ChromiumSettings['hosts']>): string {
  const rules = Object.entries(hosts).map(([name, port]) => `MAP ${name} 127.0.0.1${port === 'same' ? '' : `:${port}`}`)
  return [
    ...rules,
    'MAP localhost 127.0.0.1',
    'MAP *.localhost 127.0.0.1',
    'MAP * ~NOTFOUND',
    'EXCLUDE 127.0.0.1',
  ].join(', ')
}
