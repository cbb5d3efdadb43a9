import { invalidApplications, validApplications } from './crd-applications.ts'
import { invalidPolicies, validPolicies } from './crd-policies.ts'
import { invalidProviders, validProviders } from './crd-providers.ts'
import type { Row } from './crd-row.ts'

/** Objects of every kind that are valid. */
export const validObjects: readonly Row[] = [...validApplications, ...validPolicies, ...validProviders]

/** Objects of every kind that are not. */
export const invalidObjects: readonly Row[] = [...invalidApplications, ...invalidPolicies, ...invalidProviders]
