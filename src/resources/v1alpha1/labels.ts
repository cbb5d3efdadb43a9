import { z } from 'zod'
import { celRules } from '../../policy/cel-rule.ts'

const MOST = 16
const DOMAIN = '[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*'
const NAME = '[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?'
const KEY = new RegExp(`^(${DOMAIN}/)?${NAME}$`)
const VALUE = new RegExp(`^(${NAME})?$`)
const LONGEST_DOMAIN = 253
const EXPECTED = `expected 1 to ${MOST} labels as Kubernetes has them, such as kubernetes.io/metadata.name: monitoring`

/** Labels that a namespace or a pod has to have, with these values. */
export const labels = z
  .record(z.string().max(317), z.string().max(63))
  .refine(areLabels, { error: EXPECTED })
  .meta({
    minProperties: 1,
    maxProperties: MOST,
    ...celRules({
      rule: `self.all(key, key.matches(r'${KEY.source}') && key.indexOf('/') <= ${LONGEST_DOMAIN} && self[key].matches(r'${VALUE.source}'))`,
      message: EXPECTED,
    }),
  })

function areLabels(all: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(all)
  return entries.length > 0 && entries.length <= MOST && entries.every(([key, value]) => isLabel(key, value))
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
function isLabel(key: string, value: string): boolean {
  return KEY.test(key) && key.indexOf('/') <= LONGEST_DOMAIN && VALUE.test(value)
}
