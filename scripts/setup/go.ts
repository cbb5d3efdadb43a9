import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type GoModule, goModule } from '../../test/parts/go-module.ts'
import { type GoProgram, isBuilt, type Program, programFile, programList } from '../../test/parts/programs.ts'

/** The same build for everybody: nothing that the user has set for other builds, and no toolchain fetched unasked. */
const ENVIRONMENT = { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOOS: '', GOARCH: '', GOTOOLCHAIN: 'local' }

/** The Go programs of the tests that are not in the cache, or not with all their files. */
export function unbuiltPrograms(): { readonly name: Program; readonly program: GoProgram }[] {
  return programList.flatMap(([name, program]) =>
    program.source === 'Go' && !isBuilt(name, program) ? [{ name, program }] : [],
  )
}

/**
 * Builds them, one after another. Says what it does and how long it took. Programs that there is no Go for, or none new
 * enough, are named and left out.
 *
 * @returns whether each build that was begun succeeded
 */
export function buildPrograms(): boolean {
  const unbuilt = unbuiltPrograms().map(({ name, program }) => ({ name, program, module: goModule(name) }))
  if (unbuilt.length === 0) return true
  const installed = goVersion()
  const buildable = unbuilt.filter(({ module }) => installed !== undefined && isAtLeast(installed, module.go))
  const left = unbuilt.filter((one) => !buildable.includes(one))
  const isEachBuilt = buildable.map(({ name, program, module }) => build(name, program, module))
  if (left.length > 0) {
    const found = installed === undefined ? 'is not on this machine' : `is ${installed} on this machine`
    const names = left.map(({ name, module }) => `${name} (needs Go ${module.go})`)
    console.error(`Go ${found}. Not built, and the tests that start them are skipped: ${names.join(', ')}`)
  }
  return isEachBuilt.every(Boolean)
}

function build(name: Program, { files = {}, linkerFlags }: GoProgram, module: GoModule): boolean {
  const target = programFile(name)
  console.log(`Building ${name} ${module.version} into ${dirname(target)} (this may take minutes)`)
  const start = performance.now()
  mkdirSync(dirname(target), { recursive: true })
  const isComplete =
    Object.entries(files).every(([file, origin]) => keep(programFile(name, file), origin, module)) &&
    replace(target, (temporary) => {
      const flags = linkerFlags === undefined ? [] : ['-ldflags', linkerFlags(module.version)]
      return go(['build', '-mod=readonly', '-buildvcs=false', ...flags, '-o', temporary, module.command], module).ok
    })
  const seconds = Math.round((performance.now() - start) / 1_000)
  if (isComplete) console.log(`Built ${name} in ${seconds} s`)
  else console.error(`${name} could not be built (${seconds} s)`)
  return isComplete
}

/** Copies a file or folder of a Go module that ours requires. */
function keep(target: string, { module, path }: { module: string; path: string }, ours: GoModule): boolean {
  const answer = go(['mod', 'download', '-json', module], ours)
  if (!answer.ok) return false
  const { Dir: folder }: { Dir: string } = JSON.parse(answer.output)
  return replace(target, (temporary) => {
    cpSync(join(folder, path), temporary, { recursive: true })
    makeWritable(temporary)
    return true
  })
}

/** Has something made under another name and puts it in place when it is whole, so that no test finds half of it. */
function replace(target: string, make: (temporary: string) => boolean): boolean {
  const temporary = `${target}.${process.pid}`
  try {
    if (!make(temporary)) return false
    rmSync(target, { recursive: true, force: true })
    renameSync(temporary, target)
    return true
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Modules are kept read-only, and so are copies of their files, which then could not be removed. */
function makeWritable(path: string): void {
  const isFolder = statSync(path).isDirectory()
  chmodSync(path, isFolder ? 0o755 : 0o644)
  if (isFolder) for (const name of readdirSync(path)) makeWritable(join(path, name))
}

/** The installed Go's version, e.g. `1.26.8`. */
function goVersion(): string | undefined {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], {
    encoding: 'utf8',
    env: { ...process.env, ...ENVIRONMENT },
  })
  return /^go(\d+(?:\.\d+)*)/.exec(stdout ?? '')?.[1]
}

function isAtLeast(version: string, wanted: string): boolean {
  return version.localeCompare(wanted, 'en', { numeric: true }) >= 0
}

function go(args: readonly string[], { folder }: GoModule): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, error } = spawnSync('go', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...ENVIRONMENT },
  })
  if (error !== undefined) console.error(`go: ${error.message}`)
  return { ok: status === 0, output: stdout ?? '' }
}
