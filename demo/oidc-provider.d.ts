/** The part of `oidc-provider` that the tests and the demo use; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface Grant {
    readonly accountId: string
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface Context {
    body: unknown
    type: string
    readonly oidc: {
      readonly client: { readonly clientId: string }
      readonly session: { readonly accountId: string; grantIdFor(clientId: string): string | undefined }
      readonly requestParamOIDCScopes: ReadonlySet<string>
      readonly provider: Provider
    }
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    readonly Grant: {
      new (properties: { clientId: string; accountId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly params: Readonly<Record<string, unknown>> }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Record<string, unknown>,
      options?: { mergeWithLastSubmission?: boolean },
    ): Promise<void>
    on(event: string, listener: (...values: unknown[]) => void): this
  }

  export const interactionPolicy: {
    base(): { add(prompt: unknown, index?: number): void }
    Prompt: new (settings: { name: string; requestable: boolean }) => unknown
  }
}
