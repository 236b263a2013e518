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
  readonly useOf: (socket: Socket) => Use
  /** Answers a connection whose request takes too long to arrive, and ends it. */
  readonly end: (socket: Socket) => void
  /** Younger connections and requests are left alone: they may still be on their way, milliseconds. */
  readonly youngMs?: number
}

/** What a connection is used for: nothing, a callback that is under way, or a request that is still arriving. */
export type Use =
  | 'idle'
  | 'in_use'
  | {
      /** Monotonic milliseconds. */
      readonly arrivingSince: number
    }

/**
 * The connections of a port. Above a limit the oldest one that nobody uses makes room, those that never sent anything
 * first and those that do not get on with a request last, so that neither locks callbacks out. A stop learns here when they
 * are gone.
 */
export class OpenConnections {
  /** With the moment each was accepted, monotonic milliseconds; oldest first. */
  readonly #open = new Map<Socket, number>()
  readonly #waiters = new Set<() => void>()
  readonly #youngMs: number
  readonly #limits: Pick<ConnectionLimits, 'useOf' | 'end'>

  constructor(server: Server, limits: ConnectionLimits) {
    const { event, most, take, refuse, youngMs = YOUNG_MS } = limits
    this.#youngMs = youngMs
    this.#limits = limits
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
    let slow: Socket | undefined
    for (const [socket, acceptedAt] of this.#open) {
      if (acceptedAt > oldest) break
      if (socket.destroyed) continue
      const use = this.#limits.useOf(socket)
      if (use === 'in_use') continue
      if (use !== 'idle') {
        if (use.arrivingSince < oldest) slow ??= socket
        continue
      }
      idle ??= socket
      if (socket.bytesRead !== 0) continue
      idle = socket
      break
    }
    const gone = idle ?? slow
    if (gone === undefined) return false
    this.#open.delete(gone)
    if (gone === idle) gone.destroy()
    else this.#limits.end(gone)
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
