import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { createVisitor, type Visitor } from '../proxies/visitor.ts'
import { type Published, published, serviceFor } from './ingress-nginx-objects.ts'
import type { IngressNginxWorld } from './ingress-nginx-world.ts'
import { steadily } from './steadily.ts'

/** Applies an Ingress for the app `web`, with all that it takes. */
export async function publish(world: IngressNginxWorld, settings: Published): Promise<void> {
  const { namespace } = settings
  await world.kubernetes.ensureNamespace(namespace)
  await world.kubernetes.apply([serviceFor(namespace, 'web', world.world.app('web').port), published(settings)])
}

/** An AccessPolicy. */
export function policy(namespace: string, name: string, spec: object): KubeObject {
  return { apiVersion: 'access.gatehouse.dev/v1alpha1', kind: 'AccessPolicy', metadata: { namespace, name }, spec }
}

/** Waits until a page asks a stranger for a login. */
export async function untilRefused(visitor: Visitor, url: string): Promise<void> {
  await steadily(`${url} asks for a login`, async () => (await visitor.ask(url)).status === 302)
}

/** Waits until `/.gatehouse/` of a site is the portal's, which asks strangers for a login. */
export async function untilRouted(visitor: Visitor, site: string): Promise<void> {
  await steadily(`${site} leads to the portal`, async () => {
    const { status, body } = await visitor.ask(`${site}/.gatehouse/identity`)
    return status === 401 && body.includes('login-required')
  })
}

/** Waits until the check allows: before, the host may have been open because nothing was wired. */
export async function untilAllowed(world: IngressNginxWorld, host: string): Promise<void> {
  const stranger = createVisitor(world.port)
  await untilRouted(stranger, `https://${host}`)
  await steadily(`${host} is open`, async () => (await stranger.ask(`https://${host}/`)).status === 200)
}

/** The subject of the certificate that https shows for a host. */
export function commonNameOf({ port }: IngressNginxWorld, servername: string): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
    resolve([socket.getPeerCertificate().subject.CN].flat()[0])
    socket.destroy()
  })
  socket.once('error', reject)
  return promise
}

/** One request without TLS. */
export function askPlainly(port: number, host: string, path: string) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined
    location: string | undefined
    body: string
  }>()
  get({ host: '127.0.0.1', port, path, headers: { host, accept: 'text/html' }, agent: false }, (answer) => {
    const { statusCode: status, headers } = answer
    text(answer).then((body) => resolve({ status, location: headers.location, body: body.trim() }), reject)
  }).once('error', reject)
  return promise
}
