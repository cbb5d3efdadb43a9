import { type Logger, pino } from 'pino'
import type { LogEvent, LogField, logList } from './log-list.ts'
import { type LineStream, standardOutput } from './standard-output.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type LineLevel = Exclude<LogLevel, 'silent'>

/** The fields that a line of this event may carry; one that is undefined is left out. */
export type Line<Event extends LogEvent> = {
  readonly [Field in (typeof logList)[Event]['fields'][number] & LogField]?: unknown
}

/** JSON lines, one per event. */
export interface Log {
  /** Whether a line of this level would be written: asked before a line is put together. */
  isEnabled(level: LineLevel): boolean
  /** Writes one line. The values are safe already: `redact.ts` has seen whatever is free text. */
  write<Event extends LogEvent>(event: Event, level: LineLevel, line: Line<Event>): void
}

/**
 * Makes the log.
 *
 * @param options.now milliseconds since 1970, for the time of a line
 * @param options.stream where the lines go; default: standard output
 * @param options.onDropped called for each line given up
 */
export function createLog(options: {
  readonly level: LogLevel
  readonly version: string
  readonly now: () => number
  readonly stream?: LineStream
  readonly onDropped?: () => void
}): Log {
  const stream = options.stream ?? standardOutput()
  const logger: Logger = pino(
    {
      level: options.level,
      base: { service: 'gatehouse', version: options.version },
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    {
      write(line: string) {
        if (stream.write(line) === false) options.onDropped?.()
      },
    },
  )
  return {
    isEnabled: (level) => logger.isLevelEnabled(level),
    write: (event, level, line) => logger[level]({ event, ...line }),
  }
}
