import type { Command } from '../../src/cli/command.ts'
import { usageOf } from '../../src/cli/help.ts'
import { commands } from '../../src/cli/index.ts'
import { startCommand } from '../../src/cli/start.ts'

/** The reference page of the command line. */
export const generator = {
  file: 'docs/reference/cli.md',
  content: (): string => `${[INTRODUCTION, ...[startCommand(async () => 0), ...commands].map(section)].join('\n\n')}\n`,
}

const INTRODUCTION = `# Command line

\`gatehouse <command>\` in the image, \`npm run -s gatehouse -- <command>\` in a checkout. \`--help\` explains the program or a
command. A command or an option that does not exist exits 2.`

function section(command: Command): string {
  const { name, summary, details, options = {}, exitCodes = {} } = command
  const optionRows = Object.entries(options).map(([long, { short, value, default: fallback, description }]) => {
    const flag = [short && `-${short}`, `--${long}${value === undefined ? '' : ` ${value}`}`].filter(Boolean)
    const standard = fallback === undefined ? '' : `\`${fallback}\``
    return `| ${flag.map((text) => `\`${text}\``).join(', ')} | ${standard} | ${description} |`
  })
  const codeRows = Object.entries(exitCodes).map(([code, meaning]) => `| ${code} | ${meaning} |`)
  return [
    `## ${name}`,
    `${summary}.`,
    `\`\`\`sh\n${usageOf(command)}\n\`\`\``,
    details,
    optionRows.length > 0 && ['| option | default | meaning |', '| --- | --- | --- |', ...optionRows].join('\n'),
    codeRows.length > 0 && ['| exit code | meaning |', '| --- | --- |', ...codeRows].join('\n'),
  ]
    .filter((part) => typeof part === 'string')
    .join('\n\n')
}
