import { createRevocationView } from '../../src/revocation/memory-view.ts'
import type { FollowedView, ViewState } from '../../src/revocation/view.ts'
import type { Clock } from '../contracts/clock.ts'

/** A real view whose age is what the test says. */
export interface HeldView extends FollowedView {
  held: ViewState
}

export function heldView({ now }: Pick<Clock, 'now'>): HeldView {
  const view = createRevocationView({ now, monotonicMs: now, maxStalenessMs: 30_000 })
  const held: HeldView = {
    ...view,
    held: 'current',
    state: () => held.held,
    ageMs: () => (held.held === 'current' ? 0 : undefined),
  }
  return held
}
