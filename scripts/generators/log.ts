import { logFields, logList } from '../../src/observe/log-list.ts'

/** The reference page of the log. */
export const generator = {
  file: 'docs/reference/log.md',
  content: (): string => `${[INTRODUCTION, ...Object.entries(logList).map(section)].join('\n\n')}\n`,
}

const INTRODUCTION = `# Log

One JSON object a line on standard output. Every line has \`level\` (\`debug\`, \`info\`, \`warn\` or \`error\`), \`time\` (ISO 8601,
UTC), \`service\` (\`gatehouse\`), \`version\`, and \`event\`: one of the words below. A field without a value is left out.

Tokens, cookies, codes, session ids and e-mail addresses never stand in a line: a line has the fields of its event and no
others, and whatever is free text has been searched for them, with \`[redacted]\` in their place.`

function section([event, { when, level, fields }]: [string, (typeof logList)[keyof typeof logList]]): string {
  const rows = fields.map((field) => `| \`${field}\` | ${logFields[field]} |`)
  return [`## ${event}`, '', `${when} Level: ${level}.`, '', '| field | holds |', '| --- | --- |', ...rows].join('\n')
}
