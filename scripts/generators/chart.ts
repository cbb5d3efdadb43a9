import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findProgram } from '../../test/parts/programs.ts'
import { generators as crds } from './crds.ts'

export const CHART = join(import.meta.dirname, '..', '..', 'charts', 'gatehouse')

/** The definitions of the kinds once more: Helm takes them from the chart. */
const chartCrds = crds.map(({ file, content }) => ({
  file: file.replace(/^manifests\//, 'charts/gatehouse/'),
  content,
}))

/** What the chart makes for those who do not use Helm. Undefined where there is no Helm to render it. */
const install = {
  file: 'manifests/install.yaml',
  content(): string | undefined {
    const helm = findProgram('helm')
    if (helm === undefined) return undefined
    const options = ['--namespace', 'gatehouse', '--kube-version', '1.36.0', '--include-crds', '--values', '-']
    const rendered = execFileSync(helm, ['template', 'gatehouse', CHART, ...options], {
      input: stringify(VALUES),
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    })
    return `${HEAD}${rendered.replace(HELMS_OWN_LABELS, '')}`
  },
}

/** They say that Helm keeps the objects, which is not so here. */
const HELMS_OWN_LABELS = /^ +(?:helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm

const HEAD = `# Gatehouse without Helm, made by \`npm run generate\` from charts/gatehouse; the chart can do more.
#
# 1. Replace auth.example.com, in two places, by your auth host, and make a certificate for it in the Secret
#    auth-example-com of the namespace gatehouse.
# 2. kubectl create namespace gatehouse
#    kubectl --namespace gatehouse create secret generic gatehouse-redis --from-file=url
#    where the file url holds redis://user:password@host:6379/0, without a newline at its end.
# 3. kubectl apply --server-side -f install.yaml
#
# It expects ingress-nginx as IngressClass nginx in the namespace ingress-nginx, or Traefik as IngressClass traefik in the
# namespace traefik. No MutatingAdmissionPolicy is among these objects: an Ingress is open for the moment between its
# creation and its wiring. The chart installs them where the API server serves them.
`

const VALUES = {
  authUrl: 'https://auth.example.com',
  redis: { existingSecret: { name: 'gatehouse-redis' } },
  ingressClasses: ['ingress-nginx', 'traefik'].map((controller) => ({
    name: controller.replace('ingress-', ''),
    controller,
    pods: { namespace: controller, labels: { 'app.kubernetes.io/name': controller } },
  })),
  admissionPolicies: { enabled: false },
  crds: { upgrade: false },
  tests: { enabled: false },
}

export const generators = [...chartCrds, install]
