import type { Reason } from '../policy/reasons.ts'

/** A reason for the person it concerns: what is the matter, and what can be done about it. */
export interface ReasonText {
  readonly why: string
  readonly next: string
}

const ASK = 'If you think you should have access, ask the people who run it.'
const TELL = 'Trying again will not help. Please tell the people who run it, with the reason below.'
const GENERAL: ReasonText = { why: 'Access to this page is not allowed.', next: ASK }

const NOT_SET_UP: ReasonText = {
  why: 'This page is not set up completely, so it stays shut for everybody.',
  next: TELL,
}
const ODD_ADDRESS: ReasonText = {
  why: 'The address of this page is written in a way that is not accepted here.',
  next: 'Check the address, or open the app from its start page.',
}
const ODD_REQUEST: ReasonText = {
  why: 'The request could not be understood without doubt, so it was not let through.',
  next: 'Go to the app’s start page and try again. If this happens again, tell the people who run it.',
}
const ODD_SIGN_IN: ReasonText = {
  why: 'What your browser sent as proof that you are signed in is not valid here.',
  next: 'Sign in again. If this happens again, tell the people who run it.',
}

const TEXTS: Partial<Record<Reason, ReasonText>> = {
  'no-policy-matches': { why: 'You are signed in, but this account does not have access.', next: ASK },
  'policy-denies': { why: 'A rule of this app shuts out this account or the place you are coming from.', next: ASK },
  'login-would-not-help': {
    why: 'Access is not possible from where you are. Signing in would not change that.',
    next: 'Try again from the network you usually work in, or ask the people who run it.',
  },
  'provider-not-admitted': {
    why: 'This app does not accept the way you signed in.',
    next: 'Switch account and choose another way to sign in.',
  },
  'email-unverified': {
    why: 'Your provider does not confirm that the email address of this account is yours, and this app asks for that.',
    next: 'Confirm the address with your provider, then sign in again.',
  },
  'email-missing': {
    why: 'Your provider did not tell us an email address for this account, and this app asks for one.',
    next: 'Use an account that has an email address, or ask the people who run the app.',
  },
  'claim-missing': { why: 'Your account lacks something that this app asks for.', next: ASK },
  'groups-incomplete': {
    why: 'Your account is in so many groups that your provider did not list them, so it is not clear whether you have access.',
    next: TELL,
  },
  'access-group-unresolved': NOT_SET_UP,
  'client-address-unknown': {
    why: 'Access depends on where you are, and that could not be found out.',
    next: TELL,
  },
  'application-broken': NOT_SET_UP,
  'application-unknown': NOT_SET_UP,
  'application-mismatch': NOT_SET_UP,
  'portal-not-routed': NOT_SET_UP,
  'dialect-unknown': NOT_SET_UP,
  'annotations-unsupported': NOT_SET_UP,
  'no-application': {
    why: 'There is no app at this address.',
    next: 'Check the address. If you followed a link, it may be out of date.',
  },
  'request-path-ambiguous': ODD_ADDRESS,
  'request-path-invalid': ODD_ADDRESS,
  'request-host-invalid': ODD_ADDRESS,
  'request-incomplete': ODD_REQUEST,
  'request-field-doubled': ODD_REQUEST,
  'request-field-aliased': ODD_REQUEST,
  'request-method-invalid': ODD_REQUEST,
  'request-too-many-headers': ODD_REQUEST,
  'token-invalid': ODD_SIGN_IN,
  'token-doubled': ODD_SIGN_IN,
  'internal-error': {
    why: 'Something went wrong on our side.',
    next: 'Try again in a moment. If this happens again, tell the people who run it.',
  },
}

/** Words a refusal. Of several reasons the first that has words of its own speaks, rule errors being the more telling. */
export function reasonText(reason: Reason, ruleErrors: readonly Reason[] = []): ReasonText {
  const telling = ruleErrors.find((word) => TEXTS[word] !== undefined) ?? reason
  return TEXTS[telling] ?? GENERAL
}
