import type { Flaw } from '../../resources/status.ts'
import type { ClassReference } from './ingress-class.ts'
import type { Protected } from './ingress-controller.ts'
import type { WiringSettings } from './wiring.ts'

/** What to configure where Gatehouse does not know the proxy of an Ingress. */
export function byHand(
  { namespace, application }: Protected,
  hosts: readonly string[],
  { name }: ClassReference,
  controllerName: string,
  { systemNamespace, checkUrl, portalService }: WiringSettings,
): Flaw {
  const portal = `the Service ${systemNamespace}/${portalService.name}, port ${portalService.port}`
  const message = `the controller of class ${name}, ${controllerName}, is none that Gatehouse configures. By hand: let it ask ${checkUrl}/<dialect>/app/${namespace}/${application} before each request, and route /.gatehouse/ of ${hosts.join(', ') || 'its hosts'} to ${portal}, unchecked; until then nobody asks Gatehouse and the app is open. docs/guides/other-controllers.md tells how`
  return { reason: 'ControllerUnknown', message }
}
