import { destination, type Logger, pino } from 'pino'
import type { LogEvent, LogField, logList } from './log-list.ts'

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

const BUFFER_BYTES = 8 * 1024
const FLUSH_MS = 500
const LONGEST_QUEUE_BYTES = 16 * 1024 * 1024

/**
 * Makes the log. To standard output it writes through a buffer that is emptied at least twice a second and at exit; if
 * nobody reads there, lines are given up rather than memory.
 *
 * @param options.now milliseconds since 1970, for the time of a line
 * @param options.stream where the lines go instead of standard output
 * @param options.onDropped called for each line given up
 */
export function createLog(options: {
  readonly level: LogLevel
  readonly version: string
  readonly now: () => number
  readonly stream?: { write(line: string): unknown }
  readonly onDropped?: () => void
}): Log {
  const stream = options.stream ?? standardOutput(options.onDropped)
  const logger: Logger = pino(
    {
      level: options.level,
      base: { service: 'gatehouse', version: options.version },
      timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => void stream.write(line) },
  )
  return {
    isEnabled: (level) => logger.isLevelEnabled(level),
    write: (event, level, line) => logger[level]({ event, ...line }),
  }
}

function standardOutput(onDropped: (() => void) | undefined): ReturnType<typeof destination> {
  const stream = destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    maxLength: LONGEST_QUEUE_BYTES,
    periodicFlush: FLUSH_MS,
  })
  if (onDropped !== undefined) stream.on('drop', onDropped)
  return stream
}
