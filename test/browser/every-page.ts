import type { Page } from 'playwright-core'
import { AUTH_HOST } from './manifests.ts'
import { choose, logInAs, openAs } from './visitor.ts'

/** A page of the portal and how a person comes to it. */
export interface Reachable {
  readonly name: string
  /** The big heading. */
  readonly heading: string
  /** From a browser without cookies to the page. */
  readonly reach: (page: Page) => Promise<unknown>
}

const ONE = 'https://one.example.test/board'

async function denied(page: Page): Promise<void> {
  await page.goto(ONE)
  await choose(page, 'Example Company')
  await logInAs(page, 'bob')
  await page.getByRole('link', { name: 'Switch account' }).waitFor()
}

async function confirmation(page: Page, url: string): Promise<void> {
  await openAs(page, 'alice', ONE)
  await page.goto(url)
}

/** Every page that a browser can be brought to, in the order of a journey. */
export const everyPage: readonly Reachable[] = [
  { name: 'chooser', heading: 'Sign in to Build Monitor', reach: (page) => page.goto(ONE) },
  { name: 'chooser-launcher', heading: 'Sign in', reach: (page) => page.goto(`https://${AUTH_HOST}/`) },
  {
    name: 'provider-unreachable',
    heading: 'Nowhere Inc. does not answer',
    async reach(page) {
      await page.goto('https://down.example.test/')
      await choose(page, 'Nowhere Inc.')
      await page.getByRole('link', { name: 'Try again' }).waitFor()
    },
  },
  {
    name: 'cancelled',
    heading: 'Example Company did not sign you in',
    async reach(page) {
      await page.goto(ONE)
      await choose(page, 'Example Company')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.getByRole('link', { name: 'Try again' }).waitFor()
    },
  },
  { name: 'denied', heading: 'You can’t open Build Monitor', reach: denied },
  {
    name: 'switch-account',
    heading: 'Switch account for Build Monitor',
    async reach(page) {
      await denied(page)
      await page.getByRole('link', { name: 'Switch account' }).click()
    },
  },
  {
    name: 'continue',
    heading: 'You are signed in',
    async reach(page) {
      const app = 'https://strict.other.test/ledger'
      await page.goto(app)
      // Whoever presses Stop stays on the page before.
      await page.route(app, (route) => route.abort('aborted'))
      await logInAs(page, 'alice')
      await page.getByRole('link', { name: 'Open it now' }).waitFor()
    },
  },
  {
    name: 'launcher',
    heading: 'Your apps',
    async reach(page) {
      await openAs(page, 'alice', `https://${AUTH_HOST}/`)
    },
  },
  {
    name: 'sessions',
    heading: 'Where you are signed in',
    async reach(page) {
      await openAs(page, 'alice', `https://${AUTH_HOST}/`)
      await page.getByRole('link', { name: 'Devices' }).click()
      await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor()
    },
  },
  {
    name: 'confirm-at-auth-host',
    heading: 'Sign out?',
    reach: (page) => confirmation(page, `https://${AUTH_HOST}/logout`),
  },
  {
    name: 'confirm-at-app',
    heading: 'Sign out?',
    reach: (page) => confirmation(page, 'https://one.example.test/.gatehouse/logout'),
  },
  {
    name: 'signed-out',
    heading: 'You are signed out',
    async reach(page) {
      await confirmation(page, 'https://one.example.test/.gatehouse/logout')
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    },
  },
  {
    name: 'cookies-blocked',
    heading: 'Your browser blocks cookies',
    reach: (page) => page.goto('https://one.example.test/.gatehouse/login?rd=/board&round=3'),
  },
  {
    name: 'login-expired',
    heading: 'This sign-in has expired',
    reach: (page) => page.goto(`https://${AUTH_HOST}/login?request=old`),
  },
  {
    name: 'state-invalid',
    heading: 'This sign-in cannot be continued',
    reach: (page) => page.goto(`https://${AUTH_HOST}/callback/company?code=x&state=y`),
  },
  {
    name: 'code-foreign',
    heading: 'This sign-in belongs to another browser',
    reach: (page) => page.goto('https://one.example.test/.gatehouse/authorized?code=x&flow=y'),
  },
  { name: 'not-found', heading: 'There is nothing here', reach: (page) => page.goto(`https://${AUTH_HOST}/nothing`) },
  {
    name: 'forbidden',
    heading: 'You can’t open one.example.test',
    reach: (page) => page.goto('https://one.example.test/.gatehouse'),
  },
]
