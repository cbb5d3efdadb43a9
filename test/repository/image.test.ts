import { spawnSync } from 'node:child_process'
import { cp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../parts/directory.ts'
import { at, read } from './tree.ts'

const instructions = read('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const lastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')))
const manifest: { version: string; engines: { node: string } } = JSON.parse(read('package.json'))

describe('the image', () => {
  test('is built in two stages from images of the Node that package.json asks for, each pinned by a tag', () => {
    const images = instructions.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? [])
    const major = /\d+/.exec(manifest.engines.node)?.[0]
    expect(images).toHaveLength(2)
    for (const image of images) expect(image).toMatch(new RegExp(`node(js${major}-\\w+:nonroot|:${major}\\b)`))
  })

  test('takes nothing but what the build stage made', () => {
    const copies = lastStage.filter((line) => /^(COPY|ADD) /.test(line))
    expect(copies.every((line) => line.startsWith('COPY --from=build /build/'))).toBe(true)
  })

  test('runs as a user without rights, by an exec-form entry point that needs no shell', () => {
    expect(lastStage).toContain('USER 65532:65532')
    expect(lastStage).toContain('ENTRYPOINT ["/nodejs/bin/node", "dist/main.js"]')
    expect(lastStage.filter((line) => line.startsWith('RUN '))).toEqual([])
  })

  test('states its ports, its stop signal and the version of package.json', () => {
    expect(lastStage).toEqual(expect.arrayContaining(['EXPOSE 8080 8181 9090', 'STOPSIGNAL SIGTERM']))
    expect(lastStage).toContain(`ARG VERSION=${manifest.version}`)
  })

  test('holds a program that starts with the production packages alone', { timeout: 60_000 }, async () => {
    await using directory = await temporaryDirectory('image')
    for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src']) {
      await cp(at(name), join(directory.path, name), { recursive: true })
    }
    const modules = join(directory.path, 'node_modules')
    await symlink(at('node_modules'), modules)
    run('npm', ['run', 'build'], directory.path)
    await Promise.all([rm(modules), rm(join(directory.path, 'src'), { recursive: true })])
    for (const path of productionPackages()) await cp(at(path), join(directory.path, path), { recursive: true })

    const help = run(process.execPath, ['dist/main.js', '--help'], directory.path)
    expect(help).toContain('config check')
  })
})

/** What the command wrote; throws an Error that shows it unless the command exits 0. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} exited ${status}:\n${stdout}${stderr}`)
  return stdout
}

/** What `npm prune --omit=dev` leaves: the outermost folders; those within come along with them. */
function productionPackages(): string[] {
  const lock: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    read('package-lock.json'),
  )
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
    .map(([path]) => path)
    .filter((path) => path.lastIndexOf('node_modules/') === 0)
}
