import { spawnSync } from 'node:child_process'

const OWN = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
const AS_SOME_ROOT = ['--user', '--map-root-user', ...OWN]
const MOUNT_ETC = 'mount --bind "$0" /etc && exec "$@"'

let found: readonly string[] | undefined | 'not asked' = 'not asked'

/**
 * Whether whoever runs the tests may give a program mounts and process ids of its own: root may, and elsewhere everybody
 * whom the machine lets be root in a namespace of users.
 */
export function canHaveOwnMounts(): boolean {
  return flags() !== undefined
}

/**
 * The command that runs another one with a folder as its /etc and among processes of its own. Nobody else sees the mount,
 * and SIGKILL to the command ends all that was started within. Throws an Error if this machine does not allow it.
 */
export function withOwnEtc(folder: string, command: readonly string[]): { command: string; args: readonly string[] } {
  const allowed = flags()
  if (allowed === undefined) throw new Error('this user may not have mounts of its own: run the tests as root')
  return { command: 'unshare', args: [...allowed, 'sh', '-c', MOUNT_ETC, folder, ...command] }
}

function flags(): readonly string[] | undefined {
  if (found === 'not asked') {
    found = [OWN, AS_SOME_ROOT].find((way) => {
      const tried = spawnSync('unshare', [...way, 'sh', '-c', MOUNT_ETC, '/etc', 'true'], { timeout: 5_000 })
      return tried.status === 0
    })
  }
  return found
}
