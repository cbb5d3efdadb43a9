import { createEvents } from '../../src/observe/create-events.ts'
import type { Events } from '../../src/observe/events.ts'
import { createLog, type LogLevel } from '../../src/observe/log.ts'
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts'

export const NOW = Date.parse('2025-03-04T05:06:07.089Z')

/** Events with all that they leave behind. */
export interface Observed {
  readonly events: Events
  readonly metrics: Metrics
  /** Raw text of the log. */
  output(): string
  lines(): Record<string, unknown>[]
  /** The samples of Gatehouse's own metrics that are not 0, as `name{labels} value`. */
  samples(): Promise<string[]>
}

/** Real metrics, a real log into memory, a clock that stands still. */
export function observed(
  options: { level?: LogLevel; allowSampling?: number; random?: () => number; applications?: string[] } = {},
): Observed {
  const applications = new Set(options.applications ?? ['shop/cart'])
  const metrics = createMetrics({
    version: '1.2.3',
    isApplication: (key) => applications.has(key),
    withProcess: false,
  })
  let text = ''
  const log = createLog({
    level: options.level ?? 'debug',
    version: '1.2.3',
    now: () => NOW,
    stream: {
      write(line) {
        text += line
      },
    },
  })
  const events = createEvents({
    metrics,
    log,
    allowSampling: options.allowSampling ?? 1,
    random: options.random ?? (() => 0.5),
    now: () => NOW,
  })
  return {
    events,
    metrics,
    output: () => text,
    lines: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    samples: async () =>
      (await metrics.text())
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'))
        .filter((line) => !line.startsWith('gatehouse_build_info')),
  }
}
