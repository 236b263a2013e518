import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Providers send one request after the other; a few more are let through for clients that do not. */
const MOST_AHEAD = 16
/** Pieces of what was read of a socket: the first is small, and each that began no request makes the next one larger. */
const FIRST_PIECE = 1024

interface Ahead {
  /** Requests without an answer. */
  waiting: number
  /** Since when there are some, or none, monotonic milliseconds. */
  since: number
  /** To the last of them. */
  last: ServerResponse | undefined
  /** Nothing more is looked at. */
  isOver: boolean
  /** What is left to say once no answer is to come. */
  lastWord: (() => void) | undefined
}

/**
 * Requests that come on a connection of Node's HTTP server before the answers to those before them. Node makes objects of
 * all that it has read, thousands of small requests in a row, so it is fed in pieces; a connection that goes on so is
 * refused, and ends.
 */
export class ReadAhead {
  readonly #connections = new WeakMap<Duplex, Ahead>()

  /** Puts itself between a socket and Node's HTTP server, which must have it already. */
  watch(socket: Socket): void {
    const ahead: Ahead = {
      waiting: 0,
      since: performance.now(),
      last: undefined,
      isOver: false,
      lastWord: undefined,
    }
    this.#connections.set(socket, ahead)
    const readers = socket.listeners('data')
    socket.removeAllListeners('data')
    socket.on('data', (bytes: NonSharedBuffer) => {
      let piece = FIRST_PIECE
      for (let at = 0; at < bytes.length && !ahead.isOver;) {
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
    if (ahead.isOver) return 'drop'
    if (ahead.waiting === MOST_AHEAD) {
      ahead.isOver = true
      return 'refuse'
    }
    if (ahead.waiting++ === 0) ahead.since = performance.now()
    ahead.last = response
    response.once('close', () => {
      if (--ahead.waiting === 0) ahead.since = performance.now()
      if (ahead.last === response) ahead.last = undefined
      speak(ahead)
    })
    return 'take'
  }

  /**
   * Nothing more of a connection is looked at. Its sender takes whatever comes for the answer to its oldest request, so
   * `say` is called when those to come are sent; not at all where the connection ends anyway.
   */
  end(socket: Duplex, say: () => void): void {
    const ahead = this.#connections.get(socket)
    if (ahead === undefined) {
      say()
    } else if (!ahead.isOver) {
      ahead.isOver = true
      ahead.lastWord = say
      speak(ahead)
    }
  }

  /** Since when requests of a connection wait for their answers, or none does, monotonic milliseconds. */
  since(socket: Socket): number {
    return this.#connections.get(socket)?.since ?? 0
  }
}

/** A request that is not complete gets no answer, unless it was refused already. */
function speak(ahead: Ahead): void {
  const { waiting, last, lastWord } = ahead
  const isCut = last !== undefined && !last.req.complete && !last.writableEnded
  if (waiting > (isCut ? 1 : 0)) return
  ahead.lastWord = undefined
  lastWord?.()
}
