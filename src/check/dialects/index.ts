import type { Dialect } from './dialect.ts'
import { forward } from './forward.ts'
import { ingressNginx } from './ingress-nginx.ts'
import { nginx } from './nginx.ts'

/** Every dialect there is. */
export const dialects: readonly Dialect[] = [nginx, ingressNginx, forward]
