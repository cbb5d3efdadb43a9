import { clusterEvents } from './cluster-events.ts'
import { decidedLine, decisionFields, decisionLevel, milliseconds } from './decision-line.ts'
import { errorLine } from './error-line.ts'
import type { Events } from './events.ts'
import { guardedBy } from './guarded.ts'
import { boundedLabel } from './label.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { ifDefined, safeDigest, safeHost, safePath, safeSid, safeSubject, safeText } from './redact.ts'
import { revocationEvents } from './revocation-events.ts'
import { scopeFields } from './scope-fields.ts'

/**
 * Makes the events.
 *
 * @param options.allowSampling share of the allows that get a line, from 0 to 1; everything else always gets one
 * @param options.random a number from 0 to below 1, asked only where there is something to sample
 * @param options.now milliseconds since 1970
 */
export function createEvents(options: {
  readonly metrics: Metrics
  readonly log: Log
  readonly allowSampling: number
  readonly random: () => number
  readonly now: () => number
}): Events {
  const { metrics, log, allowSampling, random, now } = options
  const { checks } = metrics
  const providerLabel = boundedLabel()
  const loginReasonLabel = boundedLabel()
  const refusalLabel = boundedLabel()
  const storeLabel = boundedLabel()
  const kindLabel = boundedLabel()
  const whereLabel = boundedLabel()
  const operationLabel = boundedLabel()
  const settingLabel = boundedLabel()

  const isSampled = () => allowSampling >= 1 || (allowSampling > 0 && random() < allowSampling)

  const safely = guardedBy(metrics)

  return {
    decided(event) {
      try {
        checks.decided(event)
        if (event.decision.outcome === 'allow' && !isSampled()) return
        const level = decisionLevel(event.decision)
        if (log.isEnabled(level)) log.write('decided', level, decidedLine(event))
      } catch {
        metrics.internalErrors.inc({ where: 'events' })
      }
    },

    loginStarted: safely(({ application, provider, host, clientAddress }) => {
      metrics.loginsStarted.inc({ provider: providerLabel(provider) })
      log.write('loginStarted', 'info', {
        application: safeText(application),
        provider: safeText(provider),
        host: safeHost(host),
        clientAddress: ifDefined(clientAddress, safeText),
      })
    }),

    loginFinished: safely(({ application, provider, outcome, reason, subject, sid, clientAddress, detail }) => {
      metrics.logins.inc({ provider: providerLabel(provider), outcome, reason: loginReasonLabel(reason) })
      log.write('loginFinished', outcome === 'signed-in' ? 'info' : 'warn', {
        application: ifDefined(application, safeText),
        provider: safeText(provider),
        outcome,
        reason: safeText(reason),
        subject: ifDefined(subject, safeSubject),
        session: ifDefined(sid, safeSid),
        clientAddress: ifDefined(clientAddress, safeText),
        detail: ifDefined(detail, safeText),
      })
    }),

    admitted: safely(({ application: key, decision, subject, sid, clientAddress }) => {
      const application = checks.applicationLabel(key)
      metrics.admissions.inc({ application, outcome: decision.outcome, reason: decision.reason })
      checks.findings(key, decision)
      const isRefusal = decision.outcome === 'challenge'
      log.write('admitted', isRefusal ? 'warn' : decisionLevel(decision), {
        application: safeText(key),
        ...decisionFields(decision),
        subject: safeSubject(subject),
        session: safeSid(sid),
        clientAddress: ifDefined(clientAddress, safeText),
      })
    }),

    redeemed: safely(({ application, subject, sid }) => {
      metrics.redemptions.inc({ application: checks.applicationLabel(application) })
      log.write('redeemed', 'info', {
        application: safeText(application),
        subject: safeSubject(subject),
        session: safeSid(sid),
      })
    }),

    loggedOut: safely(({ subject, sid, scope, sessions }) => {
      metrics.logouts.inc({ scope })
      log.write('loggedOut', 'info', {
        scope,
        sessions,
        subject: ifDefined(subject, safeSubject),
        session: ifDefined(sid, safeSid),
      })
    }),

    adminActed: safely(({ operation, outcome, reason, status, admin, scope, sessions, clientAddress }) => {
      metrics.adminCalls.inc({ operation: operationLabel(operation), outcome })
      log.write('adminActed', outcome === 'done' ? 'info' : 'warn', {
        operation: safeText(operation),
        outcome,
        reason: safeText(reason),
        status,
        admin: ifDefined(admin, safeText),
        ...ifDefined(scope, scopeFields),
        sessions,
        clientAddress: ifDefined(clientAddress, safeText),
      })
    }),

    portalRefused: safely(({ reason, host, path, status, detail }) => {
      metrics.portalRefusals.inc({ reason: refusalLabel(reason) })
      log.write('portalRefused', status >= 500 ? 'error' : 'warn', {
        reason: safeText(reason),
        host: ifDefined(host, safeHost),
        path: safePath(path),
        status,
        detail: ifDefined(detail, safeText),
      })
    }),

    storeCalled: safely(({ operation, outcome, seconds, detail }) => {
      const label = storeLabel(operation)
      metrics.storeCalls.inc({ operation: label, outcome })
      metrics.storeCallDuration.observe({ operation: label }, seconds)
      const level = outcome === 'ok' ? 'debug' : 'warn'
      if (!log.isEnabled(level)) return
      log.write('storeCalled', level, {
        operation: safeText(operation),
        outcome,
        detail: ifDefined(detail, safeText),
        durationMs: milliseconds(seconds),
      })
    }),

    storeRecordUnreadable: safely(({ kind, problem }) => {
      metrics.storeRecordsUnreadable.inc({ kind })
      log.write('storeRecordUnreadable', 'error', { kind, problem: safeText(problem) })
    }),

    sessionRefreshed: safely(({ provider, outcome, reason, subject, sid, detail }) => {
      metrics.sessionRefreshes.inc({ provider: providerLabel(provider), outcome, reason: loginReasonLabel(reason) })
      log.write('sessionRefreshed', outcome === 'failed' ? 'warn' : 'info', {
        provider: safeText(provider),
        outcome,
        reason: safeText(reason),
        subject: safeSubject(subject),
        session: safeSid(sid),
        detail: ifDefined(detail, safeText),
      })
    }),

    sessionRecordLost: safely(({ sid }) => {
      metrics.sessionRecordsLost.inc()
      log.write('sessionRecordLost', 'debug', { session: safeSid(sid) })
    }),

    storeAvailability: safely(({ isAvailable, detail }) => {
      metrics.storeAvailable.set(isAvailable ? 1 : 0)
      log.write('storeAvailability', isAvailable ? 'info' : 'error', { isAvailable, detail: safeText(detail) })
    }),

    storeSettingUnsafe: safely(({ setting, found, expected, isOver }) => {
      metrics.storeSettingUnsafe.set({ setting: settingLabel(setting) }, found === undefined ? 0 : 1)
      const safe = isOver ? 'info' : 'debug'
      log.write('storeSettingUnsafe', found === undefined ? safe : 'warn', {
        setting: safeText(setting),
        found: ifDefined(found, safeText),
        expected: safeText(expected),
      })
    }),

    storePasswordFile: safely(({ account, outcome, detail }) => {
      if (outcome === 'changed') metrics.storePasswordChanges.inc({ account: settingLabel(account) })
      metrics.storePasswordFileReadable.set({ account: settingLabel(account) }, outcome === 'unreadable' ? 0 : 1)
      log.write('storePasswordFile', outcome === 'unreadable' ? 'error' : 'info', {
        account: safeText(account),
        outcome: safeText(outcome),
        detail: ifDefined(detail, safeText),
      })
    }),

    providerCalled: safely(({ provider, operation, outcome, seconds, detail }) => {
      const label = providerLabel(provider)
      metrics.providerCalls.inc({ provider: label, operation, outcome })
      metrics.providerCallDuration.observe({ provider: label, operation }, seconds)
      log.write('providerCalled', outcome === 'ok' ? 'debug' : 'warn', {
        provider: safeText(provider),
        operation,
        outcome,
        detail: ifDefined(detail, safeText),
        durationMs: milliseconds(seconds),
      })
    }),

    resourcesLoaded: safely(({ kinds, seconds }) => {
      const counts = Object.entries(kinds).map(
        ([kind, { ready, refused }]) => [kindLabel(kind), { ready, refused }] as const,
      )
      metrics.resources.reset()
      for (const [kind, { ready, refused }] of counts) {
        metrics.resources.set({ kind, state: 'ready' }, ready)
        metrics.resources.set({ kind, state: 'refused' }, refused)
      }
      metrics.resourcesLastLoad.set(now() / 1000)
      metrics.resourcesGeneration.inc()
      metrics.resourcesSwapDuration.observe(seconds)
      log.write('resourcesLoaded', 'info', { kinds: Object.fromEntries(counts), durationMs: milliseconds(seconds) })
    }),

    policyChanged: safely(({ source, digest, objects, changes }) =>
      log.write('policyChanged', 'info', {
        source: safeText(source),
        digest: safeDigest(digest),
        objects,
        changes: changes?.length,
      }),
    ),

    resourceProblem: safely(({ file, line, object, path, problem }) => {
      metrics.resourceProblems.inc()
      log.write('resourceProblem', 'warn', {
        file: ifDefined(file, safeText),
        line,
        object: ifDefined(object, safeText),
        path: safeText(path),
        problem: safeText(problem),
      })
    }),

    ...revocationEvents({ metrics, log, safely }),

    ...clusterEvents({ metrics, log, safely, kindLabel }),

    adminCredentialsTrouble: safely(({ problem }) =>
      log.write('adminCredentialsTrouble', problem === undefined ? 'info' : 'error', {
        problem: ifDefined(problem, safeText),
      }),
    ),

    auditTrouble: safely(({ problem, lost }) =>
      log.write('auditTrouble', problem === undefined ? 'info' : 'error', {
        problem: ifDefined(problem, safeText),
        lost,
      }),
    ),

    developmentMode: safely(({ authUrl }) => {
      metrics.developmentMode.set(1)
      log.write('developmentMode', 'warn', {
        authUrl: safeText(authUrl),
        warning: 'DEVELOPMENT MODE: plain http and plain cookies. Never let a network reach this process.',
      })
    }),

    listening: safely(({ listener, address }) =>
      log.write('listening', 'info', { listener: safeText(listener), address: safeText(address) }),
    ),

    keysCreated: safely(({ file }) => log.write('keysCreated', 'info', { file: safeText(file) })),

    stopping: safely(({ signal }) => log.write('stopping', 'info', { signal: safeText(signal) })),

    internalError: safely(({ where, error, reference }) => {
      metrics.internalErrors.inc({ where: whereLabel(where) })
      log.write('internalError', 'error', {
        where: safeText(where),
        reference: ifDefined(reference, safeText),
        error: errorLine(error),
      })
    }),
  }
}
