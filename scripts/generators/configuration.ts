import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Setting, settings } from '../../src/config/settings.ts'

export const EXAMPLE_FILE = 'docs/reference/configuration.example.yaml'
export const CLUSTER_EXAMPLE_FILE = 'docs/reference/configuration.cluster.example.yaml'
/** In place of `store` of the full example. */
export const SENTINEL_EXAMPLE_FILE = 'docs/reference/configuration.sentinel.example.yaml'
export const REDIS_CLUSTER_EXAMPLE_FILE = 'docs/reference/configuration.redis-cluster.example.yaml'

const root = join(import.meta.dirname, '../..')

/** The reference page of the configuration. */
export const generator = {
  file: 'docs/reference/configuration.md',
  content: async (): Promise<string> => {
    const example = await readFile(join(root, EXAMPLE_FILE), 'utf8')
    const inCluster = await readFile(join(root, CLUSTER_EXAMPLE_FILE), 'utf8')
    const sentinel = await readFile(join(root, SENTINEL_EXAMPLE_FILE), 'utf8')
    const redisCluster = await readFile(join(root, REDIS_CLUSTER_EXAMPLE_FILE), 'utf8')
    const sections = settings().filter(({ path, kind }) => path.length === 1 && kind === 'object')
    const single = settings().filter(({ path, kind }) => path.length === 1 && kind !== 'object')
    return `${[
      INTRODUCTION,
      `## Top level\n\n${table(single)}`,
      ...sections.map(section),
      `## Full example\n\n\`\`\`yaml\n${example}\`\`\``,
      `## With Sentinels\n\n\`\`\`yaml\n${sentinel}\`\`\``,
      `## With a Redis Cluster\n\n\`\`\`yaml\n${redisCluster}\`\`\``,
      `## In a cluster\n\nThe chart writes this.\n\n\`\`\`yaml\n${inCluster}\`\`\``,
    ].join('\n\n')}\n`
  },
}

const INTRODUCTION = `# Configuration

One YAML file, \`gatehouse.yaml\` in the working directory or the one that \`--config\` names. The least that is needed:

\`\`\`yaml
auth: { url: https://auth.example.com }
resources: { directory: resources }
store: { type: Memory }
keys: { file: keys.json }
\`\`\`

\`gatehouse config check\` reports everything that is wrong with it, at once, and exits 2; so does the service at start. A key
that is not on this page is an error.

**Environment.** Every setting has an environment variable, which overrides the file. Objects and lists have one too
(\`GATEHOUSE_STORE\`, \`GATEHOUSE_HOST_CLAIMS\`); its value is YAML and replaces the whole object or list. A variable that
begins with \`GATEHOUSE_\` and is not on this page is an error, except what Kubernetes sets for Services whose names begin
with \`gatehouse\` (\`GATEHOUSE_SERVICE_HOST\`, \`GATEHOUSE_PORT=tcp://…\` and the like) and what tells the
[commands](cli.md) where the admin API is (\`GATEHOUSE_API_URL\`, \`GATEHOUSE_API_TOKEN_FILE\` and the like): neither
configures the service. If the environment gives settings, the default file may be absent.

**Secrets.** A secret may be given as \`<name>File\`: the path of a file whose content, without the newline at its end, is the
value. Giving a value in both ways is an error; a variable of either form replaces both forms of the file. Placeholders such
as \`changeme\` are refused, and no secret is ever shown in a report.

**Paths** are relative to the folder of the configuration file, those in variables too. **Durations** are a whole number with
\`ms\`, \`s\`, \`m\`, \`h\` or \`d\`.`

function section({ name, description, variable, isRequired }: Setting): string {
  const within = settings().filter((other) => other.name.startsWith(`${name}.`) && other.kind !== 'object')
  const objects = settings().filter((other) => other.name.startsWith(`${name}.`) && other.kind === 'object')
  return [
    `## ${name}`,
    `${description}${isRequired ? ' Required.' : ''} As a whole: \`${variable}\`.`,
    objects.map((object) => `- \`${object.name}\`: ${object.description}`).join('\n'),
    table(within),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function table(rows: readonly Setting[]): string {
  return ['| setting | value | default | meaning |', '| --- | --- | --- | --- |', ...rows.map(row)].join('\n')
}

function row(setting: Setting): string {
  const { name, variable, expects, isSecret, description } = setting
  const meaning = `${description}${isSecret ? ' Secret.' : ''}`
  const cells = [`\`${name}\`<br>\`${variable}\``, expects, defaultOf(setting), meaning]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function defaultOf({ default: fallback, isRequired }: Setting): string {
  if (fallback !== undefined) return `\`${fallback}\``
  return isRequired ? 'required' : ''
}
