import type { Server, Socket } from 'node:net'

const YOUNG_MS = 1_000

export interface ConnectionLimits {
  /** `secureConnection` where TLS ends here: before its handshake is over a connection says nothing of its use. */
  readonly event: 'connection' | 'secureConnection'
  /** Connections above which room is made. */
  readonly most: number
  /** Takes a connection for which there is room. */
  readonly take: (socket: Socket) => void
  /** Answers a connection for which there is no room, and ends it. */
  readonly refuse: (socket: Socket) => void
  /** Is a request of this connection under way? */
  readonly isInUse: (socket: Socket) => boolean
  /** Younger connections are left alone: their first request may still be on its way, milliseconds. */
  readonly youngMs?: number
}

/**
 * The connections of a port. Above a limit the oldest one that nobody uses makes room, those that never sent anything
 * first, so that a flood of idle ones does not lock callbacks out. A stop learns here when they are gone.
 */
export class OpenConnections {
  /** With the moment each was accepted, monotonic milliseconds; oldest first. */
  readonly #open = new Map<Socket, number>()
  readonly #waiters = new Set<() => void>()
  readonly #youngMs: number
  readonly #isInUse: (socket: Socket) => boolean

  constructor(server: Server, { event, most, take, refuse, isInUse, youngMs = YOUNG_MS }: ConnectionLimits) {
    this.#youngMs = youngMs
    this.#isInUse = isInUse
    server.on(event, (socket: Socket) => {
      if (this.#open.size >= most && !this.#makeRoom()) {
        refuse(socket)
        return
      }
      this.#open.set(socket, performance.now())
      socket.once('close', () => {
        this.#open.delete(socket)
        for (const look of this.#waiters) look()
      })
      take(socket)
    })
  }

  /** Resolves when the connections that are open now are gone, at the latest after `limitMs`. Later ones do not count. */
  async gone(limitMs: number): Promise<void> {
    await this.#gone([...this.#open.keys()], limitMs)
  }

  /** The same for the young ones alone, and for no longer than they are young. */
  async youngGone(): Promise<void> {
    const oldest = performance.now() - this.#youngMs
    const young = [...this.#open].filter(([, acceptedAt]) => acceptedAt > oldest)
    await this.#gone(
      young.map(([socket]) => socket),
      this.#youngMs,
    )
  }

  /** @returns false when every connection is in use or young */
  #makeRoom(): boolean {
    const oldest = performance.now() - this.#youngMs
    let idle: Socket | undefined
    for (const [socket, acceptedAt] of this.#open) {
      if (acceptedAt > oldest) break
      if (socket.destroyed || this.#isInUse(socket)) continue
      idle ??= socket
      if (socket.bytesRead !== 0) continue
      idle = socket
      break
    }
    if (idle === undefined) return false
    this.#open.delete(idle)
    idle.destroy()
    return true
  }

  async #gone(those: readonly Socket[], limitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (!those.some((socket) => this.#open.has(socket))) resolve()
    }
    const limit = setTimeout(resolve, limitMs)
    this.#waiters.add(look)
    look()
    await promise
    this.#waiters.delete(look)
    clearTimeout(limit)
  }
}
