import type { World } from '../parts/world.ts'

/** A real proxy before the world of `manifests.ts`, configured as its guide says. */
export interface Gateway extends AsyncDisposable {
  /** Where it speaks TLS on 127.0.0.1. */
  readonly port: number
  /** Further ports whose only server is that of `grafana.example.com`, so that it gets every request, whatever its host. */
  readonly lonelyPorts: readonly number[]
  readonly world: Pick<World, 'apps' | 'app' | 'metrics' | 'stopGatehouse'>
}

/** What a proxy can carry. */
export interface Traits {
  readonly dialect: 'nginx' | 'ingress-nginx' | 'forward'
  /** Who tells a script that it has to log in: the proxy, or the portal after one redirect within the host. */
  readonly refusesScripts: 'itself' | 'by the portal'
  /** Status of a check that Gatehouse cannot answer. */
  readonly unavailable: number
  /** Status of a proxy whose Gatehouse does not run. */
  readonly closed: number
  /** Whether the browser sees the words of a refusal. */
  readonly showsReasons: boolean
}

/** What the app named so has received of a path, oldest first. */
export function receivedAt({ world }: Gateway, app: string, url: string) {
  return world.app(app).received.filter((one) => one.url === url)
}

/** How many requests have reached any app. */
export function reachedApps({ world }: Gateway): number {
  return [...world.apps.values()].reduce((sum, { received }) => sum + received.length, 0)
}

/** How many checks with these labels have been answered. */
export async function checksCounted({ world }: Gateway, labels: Readonly<Record<string, string>>): Promise<number> {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return (await world.metrics())
    .split('\n')
    .filter((line) => line.startsWith('gatehouse_checks_total{') && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
