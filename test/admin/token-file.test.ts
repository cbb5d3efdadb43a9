import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTokenFile } from '../../src/admin/token-file.ts'

test('a token that is taken away and put back while it is read is there or not, and never a fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'))
  const file = join(folder, 'token')
  const token = 'abcdefghijklmnopqrstuvwxyz0123456789'
  let isOver = false
  const changes = (async () => {
    while (!isOver) {
      await writeFile(file, token, { mode: 0o600 })
      await rm(file)
    }
  })()
  try {
    for (let round = 0; round < 500; round += 1) {
      const held = await readTokenFile(file, () => false)
      expect(held.isUsable ? held.accepts(token) : held.problem).toSatisfy(
        (said: unknown) => said === true || /cannot be read|has to hold/.test(String(said)),
      )
    }
  } finally {
    isOver = true
    await changes
    await rm(folder, { recursive: true })
  }
})
