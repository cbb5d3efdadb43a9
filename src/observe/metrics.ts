import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { checkTally } from './check-tally.ts'
import { faultPlaces } from './fault-places.ts'
import type { MetricDeclaration } from './metric-declaration.ts'
import { metricList } from './metric-list.ts'
import { revocationGauges } from './revocation-gauges.ts'
import { type AgeOf, largestAges } from './watch-ages.ts'

/** Every metric, on a registry of its own. */
export type Metrics = ReturnType<typeof createMetrics>

/**
 * Makes the metrics.
 *
 * @param options.version of Gatehouse, for `gatehouse_build_info`
 * @param options.isApplication whether a text is the key of an application that is served: only such a text becomes a label
 * @param options.withProcess whether to measure the process too; it observes garbage collection from then on
 */
export function createMetrics(options: {
  readonly version: string
  readonly isApplication: (key: string) => boolean
  readonly withProcess: boolean
}) {
  const registry = new Registry()
  const { counter, gauge, histogram } = makers(registry)
  const checks = checkTally(registry, options.isApplication)
  const watched = new Set<AgeOf>()
  const followRevocations = revocationGauges(registry)
  let isReady = () => false
  const metrics = {
    loginsStarted: counter(metricList.loginsStarted),
    logins: counter(metricList.logins),
    admissions: counter(metricList.admissions),
    redemptions: counter(metricList.redemptions),
    logouts: counter(metricList.logouts),
    revocations: counter(metricList.revocations),
    revocationViewReloads: counter(metricList.revocationViewReloads),
    revocationsRestored: counter(metricList.revocationsRestored),
    clockDisagreement: gauge(metricList.clockDisagreement),
    adminCalls: counter(metricList.adminCalls),
    portalRefusals: counter(metricList.portalRefusals),
    storeCalls: counter(metricList.storeCalls),
    storeCallDuration: histogram(metricList.storeCallDuration),
    storeAvailable: gauge(metricList.storeAvailable),
    storeSettingUnsafe: gauge(metricList.storeSettingUnsafe),
    storePasswordChanges: counter(metricList.storePasswordChanges),
    storePasswordFileReadable: gauge(metricList.storePasswordFileReadable),
    staleRevocationsTrusted: counter(metricList.staleRevocationsTrusted),
    storeRecordsUnreadable: counter(metricList.storeRecordsUnreadable),
    sessionRefreshes: counter(metricList.sessionRefreshes),
    sessionRecordsLost: counter(metricList.sessionRecordsLost),
    providerCalls: counter(metricList.providerCalls),
    providerCallDuration: histogram(metricList.providerCallDuration),
    resources: gauge(metricList.resources),
    resourcesLastLoad: gauge(metricList.resourcesLastLoad),
    resourceProblems: counter(metricList.resourceProblems),
    watchAge: gauge(metricList.watchAge, (age) => {
      age.reset()
      for (const [kind, seconds] of largestAges(watched)) age.set({ kind }, seconds)
    }),
    watchRestarts: counter(metricList.watchRestarts),
    resourcesGeneration: counter(metricList.resourcesGeneration),
    resourcesSwapDuration: histogram(metricList.resourcesSwapDuration),
    leader: gauge(metricList.leader),
    controllerReconciles: counter(metricList.controllerReconciles),
    controllerApplies: counter(metricList.controllerApplies),
    controllerConflicts: gauge(metricList.controllerConflicts),
    signingKeyCreated: gauge(metricList.signingKeyCreated),
    internalErrors: counter(metricList.internalErrors),
    ready: gauge(metricList.ready, (ready) => ready.set(isReady() ? 1 : 0)),
    auditRecordsLost: counter(metricList.auditRecordsLost),
    logLinesDropped: counter(metricList.logLinesDropped),
    developmentMode: gauge(metricList.developmentMode),
    buildInfo: gauge(metricList.buildInfo),
  }
  // A gauge without labels starts as 0, which would say that the store is down before anybody has asked it.
  metrics.storeAvailable.remove()
  metrics.resourcesLastLoad.remove()
  metrics.signingKeyCreated.remove()
  // Prometheus takes no series that begins with 1 for one that has grown: the first error would raise no alert.
  for (const where of faultPlaces) metrics.internalErrors.inc({ where }, 0)
  metrics.buildInfo.set({ version: options.version }, 1)
  if (options.withProcess) collectDefaultMetrics({ register: registry })

  return {
    ...metrics,
    checks,
    /** Measures the view of revocations at every scrape, from now on. */
    followRevocations,
    /** Asks at every scrape, from now on, whether this replica is ready. */
    followReadiness(answer: () => boolean): void {
      isReady = answer
    },
    /**
     * Measures the age of a kind's objects at every scrape; of several watches of a kind the oldest counts.
     *
     * @returns a function that ends that
     */
    followWatch(watch: AgeOf): () => void {
      watched.add(watch)
      return () => watched.delete(watch)
    },
    contentType: registry.contentType,
    /** Everything in Prometheus' text format. */
    text: (): Promise<string> => registry.metrics(),
  }
}

function makers(registry: Registry) {
  const registers = [registry]
  const common = <Label extends string>({ name, help, labels }: MetricDeclaration<Label>) => ({
    name,
    help,
    labelNames: Object.keys(labels) as Label[],
    registers,
  })
  return {
    counter: <Label extends string>(declaration: MetricDeclaration<Label>) => new Counter(common(declaration)),
    gauge: <Label extends string>(
      declaration: MetricDeclaration<Label>,
      collect: (gauge: Gauge<Label>) => void = () => undefined,
    ) =>
      new Gauge({
        ...common(declaration),
        collect() {
          collect(this)
        },
      }),
    histogram: <Label extends string>(declaration: MetricDeclaration<Label> & { buckets: readonly number[] }) =>
      new Histogram({ ...common(declaration), buckets: [...declaration.buckets] }),
  }
}
