import { afterAll, beforeAll } from 'vitest'
import { needs } from '../parts/needs.ts'
import { attacks } from '../proxies/attacks.ts'
import type { Traits } from '../proxies/gateway.ts'
import { journey } from '../proxies/journey.ts'
import { limits } from '../proxies/limits.ts'
import { createVisitor } from '../proxies/visitor.ts'
import { defaultDeny } from './ingress-nginx-default-deny.ts'
import { wiring } from './ingress-nginx-wiring.ts'
import { type IngressNginxWorld, startIngressNginxWorld } from './ingress-nginx-world.ts'
import { steadily } from './steadily.ts'

const traits: Traits = {
  dialect: 'ingress-nginx',
  refusesScripts: 'by the portal',
  unavailable: 500,
  closed: 500,
  showsReasons: false,
}

const HOSTS = ['grafana', 'shop', 'some.wild', 'unrouted'].map((name) => `https://${name}.example.com/`)

needs(
  ['etcd', 'kube-apiserver', 'ingress-nginx', 'root or user namespaces'],
  'the ingress-nginx controller, on Ingresses with our annotations',
  () => {
    let world: IngressNginxWorld
    beforeAll(async () => {
      world = await startIngressNginxWorld()
      const stranger = createVisitor(world.port)
      for (const url of HOSTS) {
        await steadily(`${url} asks for a login`, async () => (await stranger.ask(url)).status === 302)
      }
      for (const url of HOSTS.slice(0, 3)) {
        await steadily(`${url} leads to the portal`, async () => {
          return (await stranger.ask(`${url}.gatehouse/identity`)).status === 401
        })
      }
      await steadily('sparing.example.com is open', async () => {
        return (await stranger.ask('https://sparing.example.com/')).status === 200
      })
      await steadily('the auth host answers', async () => {
        return (await stranger.ask('https://auth.example.com/.well-known/jwks.json')).status === 200
      })
    }, 60_000)
    afterAll(() => world?.[Symbol.asyncDispose]())

    wiring(() => world)
    journey(() => world, traits)
    attacks(() => world)
    defaultDeny(() => world)
    limits(() => world, traits)
  },
)
