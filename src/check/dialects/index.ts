import { forward } from './forward.ts'
import { ingressNginx } from './ingress-nginx.ts'
import { nginx } from './nginx.ts'

/** Every dialect there is. */
export const dialects = [nginx, ingressNginx, forward] as const

export type DialectName = (typeof dialects)[number]['name']
