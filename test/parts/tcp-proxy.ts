import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `up` is from client to server, `down` from server to client. */
export type Direction = 'up' | 'down'

/** What goes wrong with connections, those under way and those to come. */
export type Disturbance =
  /** Both ends are reset, and so is whoever connects. */
  | { readonly kind: 'cut' }
  /** Nothing moves and nothing is closed, as where every packet is lost; what was held back goes on after. */
  | { readonly kind: 'silent'; readonly direction?: Direction | undefined }
  /** Every byte arrives this much later; nothing changes its order. */
  | { readonly kind: 'late'; readonly ms: number; readonly direction?: Direction | undefined }

/** Stands between clients and a server of any TCP protocol, and lets everything through until told otherwise. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** Addresses of the clients whose connections are open. */
  clients(): string[]
  /**
   * Adds a disturbance, for the clients whose address matches; default: all. Several at once add up.
   *
   * @returns what takes it back
   */
  disturb(disturbance: Disturbance, matches?: (clientAddress: string) => boolean): () => void
  /** Takes every disturbance back. */
  restore(): void
  stop(): Promise<void>
}

interface Entry {
  readonly disturbance: Disturbance
  readonly matches: (clientAddress: string) => boolean
}

interface Line {
  readonly client: Socket
  readonly server: Socket
  readonly clientAddress: string
}

/** What arrived at one end and has still to reach the other. */
type Piece = { readonly arrivedAt: number } & ({ readonly bytes: Buffer } | { readonly close: 'end' | 'reset' })

/** Above this nothing more is read from an end that the other does not take from. */
const MOST_HELD_BYTES = 8_000_000

/**
 * Starts a proxy on 127.0.0.1.
 *
 * @param server where to connect to, as often as somebody connects here
 * @param port of the proxy; default: any
 */
export async function startTcpProxy(
  server: { readonly host?: string; readonly port: number },
  port = 0,
): Promise<TcpProxy> {
  const entries = new Set<Entry>()
  const lines = new Set<Line>()
  let changed = Promise.withResolvers<void>()

  const disturbancesOf = ({ clientAddress }: Pick<Line, 'clientAddress'>) =>
    [...entries].filter(({ matches }) => matches(clientAddress)).map(({ disturbance }) => disturbance)

  /** How long a piece has to wait: for ever, in which case a change of the entries is waited for, or some milliseconds. */
  function waitOf(line: Line, direction: Direction, piece: Piece): number {
    let lateMs = 0
    for (const disturbance of disturbancesOf(line)) {
      if (disturbance.kind === 'cut' || (disturbance.direction ?? direction) !== direction) continue
      if (disturbance.kind === 'silent') return Number.POSITIVE_INFINITY
      lateMs += disturbance.ms
    }
    return piece.arrivedAt + lateMs - performance.now()
  }

  async function untilDue(line: Line, direction: Direction, piece: Piece): Promise<void> {
    for (;;) {
      const waitMs = waitOf(line, direction, piece)
      if (waitMs <= 0 || !lines.has(line)) return
      const somethingChanged = changed.promise
      await (waitMs === Number.POSITIVE_INFINITY ? somethingChanged : Promise.race([timer(waitMs), somethingChanged]))
    }
  }

  function relay(line: Line, direction: Direction): void {
    const [from, to] = direction === 'up' ? [line.client, line.server] : [line.server, line.client]
    const queue: Piece[] = []
    let heldBytes = 0
    let isPumping = false

    async function pump(): Promise<void> {
      if (isPumping) return
      isPumping = true
      for (let piece = queue[0]; piece !== undefined; piece = queue[0]) {
        await untilDue(line, direction, piece)
        queue.shift()
        deliver(piece)
      }
      isPumping = false
    }
    function deliver(piece: Piece): void {
      if ('bytes' in piece) {
        if (!to.destroyed) to.write(piece.bytes)
        heldBytes -= piece.bytes.length
        if (heldBytes < MOST_HELD_BYTES) from.resume()
      } else if (piece.close === 'end') {
        to.end()
      } else {
        reset(to)
        lines.delete(line)
      }
    }
    function arrived(piece: Piece): void {
      queue.push(piece)
      void pump()
    }
    from.on('data', (bytes: Buffer) => {
      heldBytes += bytes.length
      if (heldBytes >= MOST_HELD_BYTES) from.pause()
      arrived({ arrivedAt: performance.now(), bytes })
    })
    from.on('end', () => arrived({ arrivedAt: performance.now(), close: 'end' }))
    from.on('error', () => arrived({ arrivedAt: performance.now(), close: 'reset' }))
    from.on('close', () => {
      if (line.client.destroyed && line.server.destroyed) lines.delete(line)
    })
  }

  const cut = (line: Line) => {
    lines.delete(line)
    reset(line.client)
    reset(line.server)
  }
  const isCut = (line: Pick<Line, 'clientAddress'>) => disturbancesOf(line).some(({ kind }) => kind === 'cut')

  function onChange(): void {
    for (const line of [...lines]) if (isCut(line)) cut(line)
    changed.resolve()
    changed = Promise.withResolvers()
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    // Without one it has gone already.
    const clientAddress = client.remoteAddress
    if (clientAddress === undefined || isCut({ clientAddress })) return void client.resetAndDestroy()
    const outgoing = connect({
      host: server.host ?? '127.0.0.1',
      port: server.port,
      allowHalfOpen: true,
      noDelay: true,
    })
    client.setNoDelay(true)
    const line = { client, server: outgoing, clientAddress }
    lines.add(line)
    relay(line, 'up')
    relay(line, 'down')
  })
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')

  async function stop(): Promise<void> {
    if (!listener.listening) return
    listener.close()
    for (const line of [...lines]) cut(line)
    onChange()
    await once(listener, 'close')
  }
  return {
    port: (listener.address() as AddressInfo).port,
    clients: () => [...lines].map(({ clientAddress }) => clientAddress),
    disturb(disturbance, matches = () => true) {
      const entry = { disturbance, matches }
      entries.add(entry)
      onChange()
      return () => {
        if (entries.delete(entry)) onChange()
      }
    },
    restore() {
      entries.clear()
      onChange()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** By RST; Node would keep a socket open for ever that is told so after it has been told to end. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
