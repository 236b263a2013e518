import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'

/** Which connections a port has, so that it can be closed without cutting one that is about to be used. */
export class OpenConnections {
  /** With the moment each was accepted, monotonic milliseconds. */
  readonly #open = new Map<Duplex, number>()
  readonly #waiters = new Set<() => void>()

  constructor(server: Server) {
    server.on('connection', (socket: Duplex) => {
      this.#open.set(socket, performance.now())
      socket.once('close', () => {
        this.#open.delete(socket)
        for (const look of this.#waiters) look()
      })
    })
  }

  /** Resolves when the connections that are open now are gone, at the latest after `limitMs`. Later ones do not count. */
  async gone(limitMs: number): Promise<void> {
    await this.#gone([...this.#open.keys()], limitMs)
  }

  /** The same for those alone that were accepted less than `ageMs` ago: their first request may still be on its way. */
  async youngGone(ageMs: number): Promise<void> {
    const now = performance.now()
    const young = [...this.#open].filter(([, acceptedAt]) => now - acceptedAt < ageMs)
    await this.#gone(
      young.map(([socket]) => socket),
      ageMs,
    )
  }

  async #gone(those: readonly Duplex[], limitMs: number): Promise<void> {
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
