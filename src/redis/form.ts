import type { Events } from '../observe/events.ts'
import type { ClientContext, RedisClient } from './client.ts'
import { CONNECT_TIMEOUT_MS } from './client-options.ts'
import { openClusterClient } from './cluster-client.ts'
import { clusterRoute } from './cluster-route.ts'
import { followPassword } from './password.ts'
import { fixedRoute, type Route, sentinelRoute } from './route.ts'
import { watchSentinels } from './sentinel-watch.ts'
import { openServerClient } from './server-client.ts'
import type { LinkSettings } from './server-link.ts'
import type { AccessSettings, ClusterSettings, RedisSettings, SentinelSettings, ServerSettings } from './settings.ts'

/** What is different from form to form: one server, a set with Sentinels, a Cluster. */
export interface Form {
  readonly client: RedisClient
  /** Where a link to the master of a key goes. */
  linkTo(key: string): { readonly route: Route; readonly settings: LinkSettings }
  close(): Promise<void>
}

export function openForm(
  settings: RedisSettings,
  context: ClientContext,
  events: Pick<Events, 'storePasswordFile'>,
): Form {
  if (settings.sentinel !== undefined) return sentinelForm(settings, context, events)
  return settings.cluster === undefined ? serverForm(settings, context) : clusterForm(settings, context)
}

function serverForm(settings: AccessSettings & ServerSettings, context: ClientContext): Form {
  const { database = 0 } = settings
  const route = fixedRoute(settings)
  const client = openServerClient({ ...settings, database, mustBeMaster: false }, route, context)
  return {
    client,
    linkTo: () => ({ route, settings: { ...settings, database, key: undefined } }),
    close: () => client.close(),
  }
}

function sentinelForm(
  settings: AccessSettings & SentinelSettings,
  context: ClientContext,
  events: Pick<Events, 'storePasswordFile'>,
): Form {
  const { database = 0, sentinel, connectTimeoutMs = CONNECT_TIMEOUT_MS } = settings
  const password = followPassword(sentinel.password, sentinel.passwordFile, { account: 'sentinel', events })
  const watch = watchSentinels(sentinel, { ...context, connectTimeoutMs, password })
  const route = sentinelRoute(watch)
  const client = openServerClient({ ...settings, database, mustBeMaster: true }, route, context)
  return {
    client,
    linkTo: () => ({ route, settings: { ...settings, database, key: undefined } }),
    async close() {
      password.close()
      watch.close()
      await client.close()
    },
  }
}

function clusterForm(settings: AccessSettings & ClusterSettings, context: ClientContext): Form {
  const client = openClusterClient(settings, context)
  return {
    client,
    linkTo: (key) => ({ route: clusterRoute(client.addresses), settings: { ...settings, database: 0, key } }),
    close: () => client.close(),
  }
}
