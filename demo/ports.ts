import { once } from 'node:events'
import { createServer } from 'node:net'

/** Every port that somebody may want to know: those of the proxy, of Gatehouse's listeners and of the providers. */
export const DEFAULT_PORTS = { proxy: 8000, check: 8181, portal: 8080, ops: 9090, company: 9101, partners: 9102 }

export type Ports = Readonly<Record<keyof typeof DEFAULT_PORTS, number>>

/** A port was asked for by name and somebody else has it. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
}

/**
 * Chooses the ports of a run: those asked for, else the usual ones, else, where those are taken, any that are free (0).
 *
 * @param asked 0 takes any free port
 * @returns also what to tell about usual ports that are taken
 * @throws {PortTakenError} if a port that was asked for is taken
 */
export async function choosePorts(asked: Partial<Ports>): Promise<{ readonly ports: Ports; readonly notes: string[] }> {
  const ports = { ...DEFAULT_PORTS, ...asked }
  const notes: string[] = []
  for (const name of Object.keys(DEFAULT_PORTS) as (keyof Ports)[]) {
    const port = ports[name]
    if (await canListen(port)) continue
    if (asked[name] !== undefined) {
      throw new PortTakenError(`Port ${port} (${name}) is taken. Choose another: --${name}-port NUMBER, 0 for any.`)
    }
    ports[name] = 0
    notes.push(`Port ${port} is taken, so the ${name} is on another one.`)
  }
  return { ports, notes }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES'))
      return false
    throw error
  }
}
