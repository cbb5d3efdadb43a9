import type { Bounds } from '../bounds.ts'
import { judgeOf } from '../judge.ts'
import { openedToken } from './refreshing.ts'
import { sessionIn } from './session-records.ts'
import type { World } from './world.ts'

/** Holds what was ended, and the records that are left at the end, against what the provider knows. */
export function lookAtTheEnd({ servers, provider, watch, history }: World, bounds: Bounds): void {
  const master = servers.all.find(({ follows }) => follows === undefined)
  if (master === undefined) return
  for (const sid of watch.gone()) {
    if (master.data.has(`session:${sid}`)) watch.found('session-brought-back', sid)
  }
  const { cases } = judgeOf(history, bounds)
  for (const { sid, atMs } of watch.wronglyEnded) {
    // Whoever has been revoked already loses nothing by it.
    const isRevoked = cases.some(
      ({ session, possibly }) =>
        session.sid === sid && possibly.some((one) => one.client !== 'refresher' && one.invokedAtMs <= atMs),
    )
    if (!isRevoked) watch.found('refresh-ended-session', `${sid} at ${atMs.toFixed(1)} ms`)
  }
  for (const one of cases) {
    const { sid } = one.session
    const refresh = sessionIn(master.data, sid)?.refresh
    // The next token of a session that counts no more is nobody's loss.
    if (refresh === undefined || one.possibly.length > 0 || watch.isUnderWay(sid) || watch.mayHaveLost(sid)) continue
    const token = openedToken(refresh.sealedToken)
    if (token !== provider.current(sid)) {
      watch.found('refresh-token-lost', `${sid} has ${token}, and ${provider.current(sid)} counts`)
    }
  }
}
