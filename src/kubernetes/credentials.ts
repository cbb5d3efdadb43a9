import type { RequestOptions } from 'node:https'

/** Where the API server is, and what shows who we are. */
export interface ApiAccess {
  /** URL without a slash at its end; it may have a path. */
  readonly server: string
  /** What the connection needs beside: authority, client certificate, user and password, or an agent that goes by a proxy. */
  readonly connection: Pick<
    RequestOptions,
    'agent' | 'auth' | 'ca' | 'cert' | 'key' | 'passphrase' | 'pfx' | 'rejectUnauthorized' | 'servername'
  >
  readonly headers: Readonly<Record<string, string>>
}

/** Where access comes from. Asked before every request, since tokens change. */
export interface Credentials {
  /** @throws Error if they cannot be read */
  current(): Promise<ApiAccess>
  /** Forgets what is remembered, since the server did not accept it: the next call of `current` reads all of it anew. */
  forget(): void
}
