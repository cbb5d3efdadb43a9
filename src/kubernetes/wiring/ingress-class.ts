import { fieldOf, valueAt } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import { annotationsOf } from './annotation-map.ts'
import type { IngressController } from './ingress-controller.ts'
import { ingressControllers } from './ingress-controllers.ts'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'

/** How an Ingress names its class: by `spec.ingressClassName`, or by the annotation that preceded it. */
export interface ClassReference {
  readonly by: 'Field' | 'Annotation'
  readonly name: string
}

/** Who serves an Ingress. */
export type Serving =
  | { readonly outcome: 'Known'; readonly reference: ClassReference; readonly controller: IngressController }
  /** A controller of another kind, by `spec.controller` of its class. */
  | { readonly outcome: 'Unknown'; readonly reference: ClassReference; readonly controllerName: string }
  | { readonly outcome: 'Unclear'; readonly flaw: Flaw }

/** Finds the class of an Ingress, and whose it is, among the IngressClasses that there are. */
export function ingressClassReader(ingressClasses: readonly KubeObject[]): (ingress: KubeObject) => Serving {
  const classes = new Map(ingressClasses.map((one) => [one.metadata.name, valueAt(one, ['spec', 'controller'])]))
  const defaults = ingressClasses.filter((one) => annotationsOf(one)[DEFAULT_ANNOTATION] === 'true')

  return (ingress) => {
    const field = textOf(valueAt(ingress, ['spec', 'ingressClassName']))
    const annotation = textOf(fieldOf(ingress.metadata.annotations, CLASS_ANNOTATION))
    if (field !== undefined && annotation !== undefined && field !== annotation) {
      return ambiguous(
        `spec.ingressClassName is ${field} and ${CLASS_ANNOTATION} is ${annotation}; remove the annotation`,
      )
    }
    if (field !== undefined) return serving({ by: 'Field', name: field })
    if (annotation !== undefined) return serving({ by: 'Annotation', name: annotation })
    const [first, second] = defaults
    if (first === undefined) {
      return notFound(`it names no class, and no IngressClass is the default; set spec.ingressClassName${choices()}`)
    }
    if (second === undefined) return serving({ by: 'Field', name: first.metadata.name })
    const names = defaults.map(({ metadata }) => metadata.name).sort()
    return ambiguous(`it names no class, and ${names.join(' and ')} are all the default; set spec.ingressClassName`)
  }

  function serving(reference: ClassReference): Serving {
    const { by, name } = reference
    if (!classes.has(name)) {
      const controller = ingressControllers.find(({ legacyClass }) => by === 'Annotation' && legacyClass === name)
      if (controller !== undefined) return { outcome: 'Known', reference, controller }
      return notFound(`there is no IngressClass ${name}; make it, or name another in spec.ingressClassName${choices()}`)
    }
    const controllerName = textOf(classes.get(name)) ?? 'none'
    const controller = ingressControllers.find(({ isMeantBy }) => isMeantBy(controllerName))
    if (controller === undefined) return { outcome: 'Unknown', reference, controllerName }
    return { outcome: 'Known', reference, controller }
  }

  function choices(): string {
    const names = [...classes.keys()].sort().slice(0, 5)
    return names.length === 0 ? '; the cluster has no IngressClass yet' : `, such as ${names.join(' or ')}`
  }
}

/** Those that may serve it. All that we know, where that is not certain: what one does not read does no harm. */
export function controllersOf(serving: Serving): readonly IngressController[] {
  return serving.outcome === 'Known' ? [serving.controller] : ingressControllers
}

/** What an Ingress of ours has to have so that the same controller serves it. */
export function classFields({ by, name }: ClassReference): {
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: { readonly ingressClassName?: string }
} {
  return by === 'Field'
    ? { annotations: {}, spec: { ingressClassName: name } }
    : { annotations: { [CLASS_ANNOTATION]: name }, spec: {} }
}

function ambiguous(message: string): Serving {
  return { outcome: 'Unclear', flaw: { reason: 'ClassAmbiguous', message } }
}

function notFound(message: string): Serving {
  return { outcome: 'Unclear', flaw: { reason: 'ClassNotFound', message } }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
