import type { Socket } from 'node:net'

import type { Use } from '../open-connections.ts'
import type { Receiver } from '../receiver.ts'
import { type Lane, PlainConnection } from './plain-connection.ts'

export interface PlainLaneOptions {
  readonly receiver: Receiver
  /** How long a new connection may be silent, milliseconds. */
  readonly silentMs: number
  /** How long a request may take to arrive, milliseconds. */
  readonly requestMs: number
  /** How long a connection may be idle between two requests, milliseconds. */
  readonly idleMs: number
  /** How often connections are looked through for those whose time is over, milliseconds. */
  readonly sweepMs: number
  /** Answers a connection whose time for a request is over, and ends it. */
  readonly onLate: (socket: Socket) => void
  /** Makes it a connection of Node's HTTP server; what was read of it is the first that can be read again. */
  readonly toNode: (socket: Socket) => void
}

/** Beyond the time that the sender is told, for an answer and a request that cross (as Node's server does). */
const IDLE_GRACE_MS = 1_000

/**
 * A short way for plain requests, in front of Node's HTTP server. What that server does for every request that might
 * come (streams, events and objects for both directions) costs several times what a callback and its answer need, which
 * both come whole in nearly every case. Everything that is not plain goes the long way.
 */
export class PlainLane implements Lane {
  readonly receiver: Receiver
  readonly idleSeconds: number
  readonly #options: PlainLaneOptions
  readonly #connections = new Map<object, PlainConnection>()
  readonly #sweep: NodeJS.Timeout

  constructor(options: PlainLaneOptions) {
    this.receiver = options.receiver
    this.idleSeconds = Math.floor(options.idleMs / 1000)
    this.#options = options
    this.#sweep = setInterval(() => this.#endLate(), options.sweepMs).unref()
  }

  /** Takes a new connection. */
  take(socket: Socket): void {
    this.#connections.set(socket, new PlainConnection(socket, this))
    socket.once('close', () => this.#connections.delete(socket))
  }

  handOver(connection: PlainConnection, bytes: Buffer): void {
    const { socket } = connection
    this.#connections.delete(socket)
    connection.detach()
    socket.unshift(bytes)
    this.#options.toNode(socket)
    socket.resume()
  }

  /** What a connection is used for; undefined when it is none of the lane's. */
  useOf(socket: object): Use | undefined {
    const connection = this.#connections.get(socket)
    if (connection === undefined) return undefined
    const { waiting, since } = connection
    switch (waiting) {
      case 'answer':
        return 'in_use'
      case 'body':
        return { kind: 'arriving', since }
      case 'first':
        return { kind: 'silent', since }
      case 'next':
        return { kind: 'idle', since }
    }
  }

  /** Ends a connection whose request takes too long to arrive; false when it is none of the lane's. */
  end(socket: object): boolean {
    const connection = this.#connections.get(socket)
    connection?.end(this.#options.onLate)
    return connection !== undefined
  }

  /** Cuts every connection. */
  close(): void {
    clearInterval(this.#sweep)
    for (const { socket } of this.#connections.values()) socket.destroy()
  }

  #endLate(): void {
    const now = performance.now()
    for (const connection of this.#connections.values()) this.#endIfLate(connection, now)
  }

  #endIfLate(connection: PlainConnection, now: number): void {
    const { silentMs, requestMs, idleMs, onLate } = this.#options
    const waited = now - connection.since
    switch (connection.waiting) {
      case 'first':
        if (waited > silentMs) connection.end(onLate)
        return
      case 'body':
        if (waited > requestMs) connection.end(onLate)
        return
      case 'next':
        if (waited > idleMs + IDLE_GRACE_MS) connection.socket.destroy()
        return
      case 'answer':
    }
  }
}
