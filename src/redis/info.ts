/** What a server says of itself in INFO, by field. */
export type ServerInfo = ReadonlyMap<string, string>

/** Reads the reply of INFO, or of CLUSTER INFO. */
export function readInfo(reply: unknown): ServerInfo {
  const lines = String(reply).split(/\r?\n/)
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 1 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )
}
