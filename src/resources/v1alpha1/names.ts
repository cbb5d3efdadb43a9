import { z } from 'zod'
import { celPattern } from '../../policy/cel-rule.ts'

const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** Name of an object: a DNS subdomain (RFC 1123). */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(SUBDOMAIN, 'expected a name of a-z, 0-9, - and ., such as grafana-admins')
  .meta(celPattern(SUBDOMAIN, 'expected a name of a-z, 0-9, - and ., such as grafana-admins'))

/** Name of a namespace: a DNS label (RFC 1123). */
export const namespaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(LABEL, 'expected the name of a namespace: a-z, 0-9 and -, such as monitoring')
  .meta(celPattern(LABEL, 'expected the name of a namespace: a-z, 0-9 and -, such as monitoring'))

/**
 * Name of an IdentityProvider. It stands in the address of the callback and in rules. The API server takes no CEL for a
 * `metadata.name`, so it gets the pattern itself.
 */
export const providerName = z
  .string()
  .min(1)
  .max(63)
  .regex(LABEL, 'expected the name of an IdentityProvider: a-z, 0-9 and -, such as staff')
