import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Providers send one request after the other; a few more are let through for clients that do not. */
const MOST_AHEAD = 16
/** Pieces of what was read of a socket: the first is small, and each that began no request makes the next one larger. */
const FIRST_PIECE = 1024

interface Ahead {
  /** Requests without an answer. */
  waiting: number
  /** Since when there are some, or none, monotonic milliseconds. */
  since: number
  isRefused: boolean
}

/**
 * Requests that come on a connection of Node's HTTP server before the answers to those before them. Node makes objects of
 * all that it has read, thousands of small requests in a row, so it is fed in pieces; a connection that goes on so is
 * refused, and ends.
 */
export class ReadAhead {
  readonly #connections = new WeakMap<Socket, Ahead>()

  /** Puts itself between a socket and Node's HTTP server, which must have it already. */
  watch(socket: Socket): void {
    const ahead: Ahead = { waiting: 0, since: performance.now(), isRefused: false }
    this.#connections.set(socket, ahead)
    const readers = socket.listeners('data')
    socket.removeAllListeners('data')
    socket.on('data', (bytes: NonSharedBuffer) => {
      let piece = FIRST_PIECE
      for (let at = 0; at < bytes.length && !ahead.isRefused;) {
        if (at > 0 && socket.isPaused()) {
          // Node takes nothing before it goes on by itself.
          socket.unshift(bytes.subarray(at))
          return
        }
        const { waiting } = ahead
        for (const read of readers) read.call(socket, bytes.subarray(at, at + piece))
        at += piece
        piece = ahead.waiting > waiting ? FIRST_PIECE : 2 * piece
      }
    })
  }

  /** @returns what becomes of the request; after the first that is refused nothing of its connection is looked at */
  admit({ socket }: IncomingMessage, response: ServerResponse): 'take' | 'refuse' | 'drop' {
    const ahead = this.#connections.get(socket)
    if (ahead === undefined) return 'take'
    if (ahead.isRefused) return 'drop'
    if (ahead.waiting === MOST_AHEAD) {
      ahead.isRefused = true
      return 'refuse'
    }
    if (ahead.waiting++ === 0) ahead.since = performance.now()
    response.once('close', () => {
      if (--ahead.waiting === 0) ahead.since = performance.now()
    })
    return 'take'
  }

  /** Since when requests of a connection wait for their answers, or none does, monotonic milliseconds. */
  since(socket: Socket): number {
    return this.#connections.get(socket)?.since ?? 0
  }
}
