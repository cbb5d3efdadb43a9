import { z } from 'zod'
import {
  problem,
  revocationAnswer,
  revocationRequest,
  revocationStatus,
  session,
  sessionPage,
  sessionQuery,
  sid,
} from './messages.ts'

/** One thing that the admin API can do. The listener serves this list, and the OpenAPI document is made of it. */
export interface Operation {
  readonly method: 'GET' | 'POST'
  /** Below the listener's root; a segment `{name}` is a parameter. */
  readonly path: string
  readonly summary: string
  readonly description: string
  /** Of the path. */
  readonly parameters: z.ZodObject
  readonly query: z.ZodObject
  /** Of a GET none is read. */
  readonly body: z.ZodObject
  /** Whether a call that succeeds is worth a record. One that is refused always is. */
  readonly isRecorded: boolean
  /** What each status of success means and carries. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodObject }>>
  /** Statuses of refusal besides those that every operation has. */
  readonly refusals: readonly number[]
}

const nothing = z.strictObject({})

export const operations = {
  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    isRecorded: true,
    summary: 'List live sessions',
    description:
      'Exactly one of `subject`, `email`, `provider`, `application` and `all` says which. The list is for people to look at: it may miss a session that is being begun.',
    parameters: nothing,
    query: sessionQuery,
    body: nothing,
    answers: { 200: { description: 'A page of the list.', schema: sessionPage } },
    refusals: [400],
  },
  showSession: {
    method: 'GET',
    path: '/v1/sessions/{sid}',
    isRecorded: true,
    summary: 'Show a session',
    description: 'Gives one live session.',
    parameters: z.strictObject({ sid }),
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'The session.', schema: session } },
    refusals: [400, 404],
  },
  revoke: {
    method: 'POST',
    path: '/v1/revocations',
    isRecorded: true,
    summary: 'Revoke',
    description:
      'Whatever was issued to the scope up to now counts no more, at every replica. What does not exist, or no longer, may be revoked too. Asking again does no harm. After 503 the revocation may or may not be recorded: ask again.',
    parameters: nothing,
    query: nothing,
    body: revocationRequest,
    answers: {
      200: { description: 'The revocation is accepted: no failover can lose it.', schema: revocationAnswer },
      202: {
        description:
          'The revocation is pending: recorded, but fewer replicas of the store have it than are wanted, or no majority of the Sentinels vouches for the master.',
        schema: revocationAnswer,
      },
    },
    refusals: [400, 413, 415],
  },
  revocationStatus: {
    method: 'GET',
    path: '/v1/revocations/status',
    isRecorded: false,
    summary: 'Show what this replica knows of revocations',
    description: 'Says how old and how large this replica’s view of the revocations is.',
    parameters: nothing,
    query: nothing,
    body: nothing,
    answers: { 200: { description: 'The view.', schema: revocationStatus } },
    refusals: [400],
  },
} as const satisfies Readonly<Record<string, Operation>>

export type OperationName = keyof typeof operations

/** Statuses of refusal that every operation has, with what they mean. */
export const commonRefusals: Readonly<Record<number, string>> = {
  401: 'No credential, or a wrong one.',
  403: 'A certificate of a name that is not allowed, or a page in a browser.',
  429: 'Too many wrong credentials came from this address, and these are wrong as well.',
  500: 'A fault of ours; `reference` names it in the log.',
  503: 'The store gives no answer, or the token’s file is not usable. Try again.',
}

/** What the other statuses of refusal mean. */
export const refusalMeanings: Readonly<Record<number, string>> = {
  400: 'The request is not as it has to be; `errors` names the fields.',
  404: 'There is no such session.',
  413: 'The body is larger than 64 kB.',
  415: 'The body is not `application/json`, or is compressed.',
}

/** Every refusal carries this. */
export const refusalSchema = problem
