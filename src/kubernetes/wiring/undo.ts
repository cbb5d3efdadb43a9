import type { KubeObject } from '../kube-object.ts'
import { annotationsOf } from './annotation-map.ts'
import { WIRED } from './annotations.ts'
import type { IngressController } from './ingress-controller.ts'
import { ingressControllers } from './ingress-controllers.ts'
import type { AnnotationEdit, WiringSettings } from './wiring.ts'

/** Takes our keys back from an Ingress that is not to be protected any more. One that does not bear our mark is left alone. */
export function undo(ingress: KubeObject, settings: WiringSettings): AnnotationEdit | undefined {
  if (annotationsOf(ingress)[WIRED] === undefined) return undefined
  const { set, remove } = takeBackFrom(ingressControllers, ingress, settings)
  return { target: ingress, set, remove: [...remove, WIRED] }
}

/** Our keys for some controllers, on an Ingress that bears our mark. */
export function takeBackFrom(
  controllers: readonly IngressController[],
  ingress: KubeObject,
  settings: WiringSettings,
): Pick<AnnotationEdit, 'set' | 'remove'> {
  const annotations = annotationsOf(ingress)
  if (annotations[WIRED] === undefined) return { set: {}, remove: [] }
  const { namespace = '' } = ingress.metadata
  const all = controllers.map(({ takeBack }) => takeBack(annotations, namespace, settings))
  return { set: Object.assign({}, ...all.map(({ set }) => set)), remove: all.flatMap(({ remove }) => remove) }
}
