import type { KeyRing } from '../../src/tokens/key-ring.ts'
import { type Stamps, stampsOf } from '../../src/tokens/stamp.ts'

const KID = 'fixed-for-tests'

/** Stamps by a key that is the same in every process. */
export function fixedStamps(byte = 7): Stamps {
  const key = new Uint8Array(32).fill(byte)
  const ring: Pick<KeyRing, 'sealing' | 'opening'> = { sealing: { kid: KID, key }, opening: new Map([[KID, key]]) }
  return stampsOf(() => ring as KeyRing)
}
