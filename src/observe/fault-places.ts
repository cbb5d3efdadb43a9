/** The parts of Gatehouse in which a fault of its own may happen: each is counted apart. */
export const faultPlaces = [
  'admin',
  'check',
  'controller',
  'events',
  'leader',
  'ops',
  'portal',
  'resources',
  'revocation',
  'session-lock',
  'session-refresh',
  'session-touch',
  'watch',
] as const

export type FaultPlace = (typeof faultPlaces)[number]
