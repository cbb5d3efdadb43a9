import type { IngressController } from './ingress-controller.ts'
import { ingressNginx } from './ingress-nginx.ts'
import { traefik } from './traefik.ts'

/** Every kind of ingress controller that we know how to wire. */
export const ingressControllers: readonly IngressController[] = [ingressNginx, traefik]
