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

/**
 * What a connection is used for: a callback that is under way, a request that is still arriving, or nothing, whether it
 * was used before or never said anything.
 */
export type Use =
  | 'in_use'
  | {
      readonly kind: 'silent' | 'idle' | 'arriving'
      /** Monotonic milliseconds. */
      readonly since: number
    }
type Spare = Exclude<Use, 'in_use'>['kind']

/** Those that say nothing make room first, whoever is in the middle of a request last. */
const order: readonly Spare[] = ['silent', 'idle', 'arriving']
/** Connections are not looked through again before, milliseconds: a flood of them would cost a look each. */
const LOOK_EVERY_MS = 20

/**
 * The connections of a port. Above a limit those make room that have been of no use for over a second, the one of longest
 * standing first, so that a flood of them does not lock callbacks out, and connections on which callbacks come stay. A stop
 * learns here when they are gone.
 */
export class OpenConnections {
  /** With the moment each was accepted, monotonic milliseconds; oldest first. */
  readonly #open = new Map<Socket, number>()
  readonly #waiters = new Set<() => void>()
  readonly #youngMs: number
  readonly #limits: Pick<ConnectionLimits, 'useOf' | 'end'>
  /** Those that could make room when they were last looked through, the first one last. */
  #spare: { readonly socket: Socket; readonly kind: Spare }[] = []
  #lookedAt = -LOOK_EVERY_MS

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

  /** @returns false when every connection is in use, or was lately */
  #makeRoom(): boolean {
    const now = performance.now()
    if (this.#spare.length === 0) this.#look(now)
    for (let next = this.#spare.pop(); next !== undefined; next = this.#spare.pop()) {
      const { socket, kind } = next
      if (!this.#open.has(socket) || this.#spareAs(socket, now) !== kind) continue
      this.#open.delete(socket)
      if (kind === 'arriving') this.#limits.end(socket)
      else socket.destroy()
      return true
    }
    return false
  }

  #look(now: number): void {
    if (now - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = now
    const found: Record<Spare, Socket[]> = { silent: [], idle: [], arriving: [] }
    for (const [socket, acceptedAt] of this.#open) {
      if (acceptedAt > now - this.#youngMs) break
      const kind = this.#spareAs(socket, now)
      if (kind !== undefined) found[kind].push(socket)
    }
    this.#spare = order.flatMap((kind) => found[kind].map((socket) => ({ socket, kind }))).toReversed()
  }

  /** What it has been for over a second and could make room as. */
  #spareAs(socket: Socket, now: number): Spare | undefined {
    if (socket.destroyed) return undefined
    const use = this.#limits.useOf(socket)
    return use === 'in_use' || use.since > now - this.#youngMs ? undefined : use.kind
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
