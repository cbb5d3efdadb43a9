import { z } from 'zod'

const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** Name of an object: a DNS subdomain (RFC 1123). */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(SUBDOMAIN, 'expected a name of a-z, 0-9, - and ., such as grafana-admins')

/** Name of a namespace: a DNS label (RFC 1123). */
export const namespaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(LABEL, 'expected the name of a namespace: a-z, 0-9 and -, such as monitoring')

/** Name of an IdentityProvider. It stands in the address of the callback and in rules. */
export const providerName = z
  .string()
  .min(1)
  .max(63)
  .regex(LABEL, 'expected the name of an IdentityProvider: a-z, 0-9 and -, such as staff')
