import type { Socket } from 'node:net'

import type { Answer } from '../../callback/answer.ts'
import type { Admitted, Answerer, Receiver } from '../receiver.ts'
import { writePlainAnswer } from './plain-answer.ts'
import { type PlainRequest, readPlainRequest } from './plain-request.ts'

/** What the lane does for its connections. */
export interface Lane {
  readonly receiver: Receiver
  /** How long a connection may be idle between two requests, in seconds. */
  readonly idleSeconds: number
  /** Gives the connection to Node's HTTP server; what was read of it already comes first. */
  handOver(connection: PlainConnection, bytes: Buffer): void
}

const NOTHING = Buffer.alloc(0)
/** Longest request that is waited for here when it does not come in one piece; longer ones are Node's to gather, where they count. */
const MOST_HELD_BYTES = 16_384

interface Unfinished {
  readonly request: PlainRequest
  readonly admitted: Admitted
}

/** What a connection waits for: its first request, the rest of a body, an answer, or the next request. */
export type Waiting = 'first' | 'body' | 'answer' | 'next'

/**
 * A connection on which requests are plain: each is read, answered, and only then is the next one looked at. The first
 * request that is not plain makes it a connection of Node's HTTP server, for good.
 */
export class PlainConnection implements Answerer {
  readonly socket: Socket
  readonly peer: string
  readonly #lane: Lane
  #waiting: Waiting = 'first'
  /** When that wait began, monotonic milliseconds. */
  #since = performance.now()
  /** Came before the answer to the request before it. */
  #ahead: Buffer | undefined
  /** A request whose body is not complete, with room for all of it, and how much of it came. */
  #unfinished: Unfinished | undefined
  #gathered: Buffer = NOTHING
  #gatheredBytes = 0
  /** The sender has nothing more to say. */
  #isHalfClosed = false

  constructor(socket: Socket, lane: Lane) {
    this.socket = socket
    this.peer = socket.remoteAddress ?? ''
    this.#lane = lane
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  get waiting(): Waiting {
    return this.#waiting
  }

  get since(): number {
    return this.#since
  }

  answer(answer: Answer, closeAfter: boolean): void {
    const { socket } = this
    if (socket.destroyed) return
    const closes = closeAfter || (this.#isHalfClosed && this.#ahead === undefined)
    const isRead = writePlainAnswer(socket, answer, closes ? undefined : this.#lane.idleSeconds)
    this.#waitFor('next')
    if (closes) {
      this.#leave()
      socket.resume() // what it still sends is thrown away until it is gone
      socket.end(() => socket.destroy())
    } else if (!isRead) {
      socket.pause()
      socket.once('drain', this.#goOn)
    } else if (this.#ahead !== undefined) {
      this.#goOn()
    }
  }

  /** Its time is over: `say` answers and ends it. */
  end(say: (socket: Socket) => void): void {
    this.#leave()
    if (this.#waiting === 'body') this.#lane.receiver.abandon()
    this.#unfinished = undefined
    this.#gathered = NOTHING
    this.#waitFor('next')
    this.socket.resume()
    say(this.socket)
  }

  /** Leaves the connection to whoever takes it over. */
  detach(): void {
    this.#leave()
    this.socket.off('error', this.#onError)
    this.socket.off('close', this.#onClose)
  }

  #leave(): void {
    this.socket.off('data', this.#onData)
    this.socket.off('end', this.#onEnd)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#unfinished !== undefined) this.#gather(this.#unfinished, chunk)
    else if (this.#waiting === 'answer' || this.socket.writableNeedDrain) this.#readAhead(chunk)
    else this.#take(chunk)
  }

  /** No more is read ahead than came in one piece. */
  #readAhead(bytes: Buffer): void {
    this.#ahead = this.#ahead === undefined ? bytes : Buffer.concat([this.#ahead, bytes])
    this.socket.pause()
  }

  readonly #goOn = (): void => {
    const bytes = this.#ahead
    this.#ahead = undefined
    this.socket.resume()
    if (bytes !== undefined) this.#take(bytes)
  }

  /** @param bytes from the start of a request */
  #take(bytes: Buffer): void {
    const request = readPlainRequest(bytes)
    const isShort = request !== undefined && bytes.length < request.end
    const isLong = isShort && request.end > MOST_HELD_BYTES
    const admitted =
      request === undefined || isLong ? undefined : this.#lane.receiver.admit(request, this.peer)
    if (request === undefined || admitted === undefined) {
      this.#lane.handOver(this, bytes)
    } else if (isShort) {
      this.#unfinished = { request, admitted }
      this.#gathered = Buffer.allocUnsafe(request.end)
      this.#gatheredBytes = bytes.copy(this.#gathered)
      this.#waitFor('body')
    } else {
      this.#passOn(request, admitted, bytes)
    }
  }

  #gather({ request, admitted }: Unfinished, chunk: Buffer): void {
    const taken = chunk.copy(this.#gathered, this.#gatheredBytes)
    this.#gatheredBytes += taken
    if (this.#gatheredBytes < request.end) return
    const whole = this.#gathered
    this.#unfinished = undefined
    this.#gathered = NOTHING
    if (taken < chunk.length) this.#readAhead(chunk.subarray(taken))
    this.#passOn(request, admitted, whole)
  }

  #passOn({ bodyAt, end }: PlainRequest, admitted: Admitted, bytes: Buffer): void {
    if (bytes.length > end) this.#readAhead(bytes.subarray(end))
    this.#waitFor('answer')
    this.#lane.receiver.take(admitted, bytes.subarray(bodyAt, end), this)
  }

  #waitFor(what: Waiting): void {
    this.#waiting = what
    this.#since = performance.now()
  }

  readonly #onEnd = (): void => {
    this.#isHalfClosed = true
    if (this.#waiting === 'answer') return
    if (this.#waiting === 'body') this.socket.destroy()
    else this.socket.end(() => this.socket.destroy())
  }

  readonly #onError = (): void => {
    this.socket.destroy()
  }

  readonly #onClose = (): void => {
    if (this.#waiting === 'body') this.#lane.receiver.abandon()
    this.#waiting = 'next'
  }
}
