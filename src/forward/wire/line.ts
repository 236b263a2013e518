import { TurnEnd } from '../../turn-end.ts'
import { type Connection, type Destination, dial, type DialParts } from '../dial.ts'
import { brokenExchange, cutReply, type Failure, refusedReply } from '../failure.ts'
import type { LastHead } from './last-head.ts'
import type { ReplyHead } from './reply-head.ts'
import { ReplyReader } from './reply-reader.ts'
import { type WireRequest, writeRequest } from './write-request.ts'

export interface LineParts extends DialParts {
  readonly maxReplyBytes: number
  /** Told of every connection that stands. */
  readonly onConnection?: ((connection: Connection) => void) | undefined
}

/** Who sent the request that is under way on a line. */
export interface LineUser {
  /** The request is being written; `made` is the connection, if it was made for this request. */
  onSent(made: Connection | undefined): void
  onFirstByte(): void
  onReply(head: ReplyHead, body: Buffer): void
  onFailure(failure: Failure): void
}

const writes = new TurnEnd<Line>('write', (line) => line.writeWaiting())

/** One connection to one origin, with one request at a time on it. It is never connected anew. */
export class Line {
  readonly #parts: LineParts
  readonly #to: Destination
  readonly #reader: ReplyReader
  #connection: Connection | undefined
  /** Waits for the end of the turn. */
  #waiting: WireRequest | undefined
  #user: LineUser | undefined
  #served = 0
  #isClosed = false
  /** Until when it may be kept idle, on the monotonic clock; 0 when it is not to be used again. */
  #idleUntil = 0
  /** Told when the connection ends while nobody uses it. */
  onIdleEnd: (() => void) | undefined

  constructor(to: Destination, parts: LineParts, lastHead: LastHead) {
    this.#to = to
    this.#parts = parts
    this.#reader = new ReplyReader({ maxBodyBytes: parts.maxReplyBytes, lastHead })
  }

  /** The other side in words; undefined before there is a connection. */
  get peer(): string | undefined {
    return this.#connection?.peer
  }

  /** Was the connection used before the present request? */
  get isReused(): boolean {
    return this.#served > 0
  }

  /** Did any byte come back for the present request? */
  get hasReplyBytes(): boolean {
    return this.#reader.hasBytes
  }

  /** May it take another request at this moment? */
  isUsableAt(now: number): boolean {
    return !this.#isClosed && now < this.#idleUntil
  }

  /**
   * Sends one request and tells its user how it ended, exactly once.
   *
   * @param dialMs longest time to connect, where there is no connection yet
   */
  send(request: WireRequest, user: LineUser, dialMs: number): void {
    this.#user = user
    this.#reader.start()
    if (this.#connection !== undefined) {
      this.#waiting = request
      writes.add(this)
      return
    }
    const onDialled = (failure: Failure | undefined, connection: Connection | undefined): void => {
      if (this.#isClosed) connection?.socket.destroy()
      else if (connection === undefined) this.#fail(failure ?? noConnection)
      else {
        this.#attach(connection)
        this.#write(request, connection, connection)
      }
    }
    dial(this.#parts, this.#to, { timeoutMs: dialMs, done: onDialled, onBytes: this.#onBytes })
  }

  /** Ends the connection; a request under way is abandoned, and its user is told nothing. */
  close(): void {
    this.#user = undefined
    this.#waiting = undefined
    this.#isClosed = true
    this.#connection?.socket.destroy()
  }

  #attach(connection: Connection): void {
    const { socket } = connection
    this.#connection = connection
    this.#parts.onConnection?.(connection)
    socket.on('end', this.#onEnd)
    socket.on('error', (error) => this.#onBroken(error))
    socket.on('close', () => this.#onBroken(undefined))
  }

  /** Only for the end of the turn. */
  writeWaiting(): void {
    const request = this.#waiting
    const connection = this.#connection
    this.#waiting = undefined
    if (request !== undefined && connection !== undefined) this.#write(request, connection, undefined)
  }

  #write(request: WireRequest, { socket }: Connection, made: Connection | undefined): void {
    this.#user?.onSent(made)
    writeRequest(socket, request)
  }

  readonly #onBytes = (bytes: Buffer): void => {
    const user = this.#user
    if (user === undefined) {
      this.#end() // bytes that no request asked for: whatever they are, they must not become an answer
      return
    }
    if (this.#waiting !== undefined) {
      this.#fail(cutReply(this.#peer, false)) // of the reply before, or of nothing: the request is not written yet
      return
    }
    if (!this.#reader.hasBytes) user.onFirstByte()
    const state = this.#reader.take(bytes)
    if (state === true) this.#complete()
    else if (state !== false) this.#fail(refusedReply(state, this.#peer))
  }

  readonly #onEnd = (): void => {
    if (this.#user === undefined) this.#end()
    else if (this.#reader.finish()) this.#complete()
    else this.#fail(cutReply(this.#peer, this.#reader.hasBytes))
  }

  #onBroken(error: Error | undefined): void {
    if (this.#user === undefined) this.#end()
    else if (error === undefined) this.#fail(cutReply(this.#peer, this.#reader.hasBytes))
    else this.#fail(brokenExchange(error, this.#peer, this.#reader.hasBytes))
  }

  #complete(): void {
    const user = this.#user
    const { head, body, hasExcess } = this.#reader
    if (user === undefined || head === undefined) return
    this.#user = undefined
    this.#served += 1
    this.#idleUntil = hasExcess || head.keepAliveMs === 0 ? 0 : this.#parts.clock.mono() + head.keepAliveMs
    user.onReply(head, body)
  }

  #fail(failure: Failure): void {
    const user = this.#user
    this.#user = undefined
    this.#end()
    user?.onFailure(failure)
  }

  #end(): void {
    if (this.#isClosed) return
    this.close()
    this.onIdleEnd?.()
  }

  get #peer(): string {
    return this.#connection?.peer ?? this.#to.hostname
  }
}

const noConnection: Failure = { outcome: 'refused', error: 'no connection' }
