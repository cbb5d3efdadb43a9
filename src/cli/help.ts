import type { Command } from './command.ts'

/** The help of the whole program. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: gatehouse [command] [options]\n\nCommands:\n${lines.join('\n')}\n\nMore about one: gatehouse <command> --help\n`
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(
    ([name, { short, value, default: fallback, description }]) => {
      const flag = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
      return `  ${flag}\n      ${description}${fallback === undefined ? '' : ` Default: ${fallback}`}\n`
    },
  )
  const codes = Object.entries(command.exitCodes ?? {}).map(([code, meaning]) => `  ${code}  ${meaning}\n`)
  return [
    `${command.summary}.\n\nUsage: ${usageOf(command)}\n`,
    command.details === undefined ? '' : `\n${command.details.replaceAll(/^```\n?/gm, '').trimEnd()}\n`,
    options.length > 0 ? `\nOptions:\n${options.join('')}` : '',
    codes.length > 0 ? `\nExit codes:\n${codes.join('')}` : '',
  ].join('')
}

/** The shape of a command line: `gatehouse validate [options] DIR`. */
export function usageOf({ name, options, positionals }: Command): string {
  return ['gatehouse', name, options && '[options]', positionals].filter((part) => part !== undefined).join(' ')
}
