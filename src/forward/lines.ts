import { Client, type Dispatcher } from 'undici'

import { type Connection, type Destination, dial, type DialParts } from './dial.ts'
import { FailureError, isClosed } from './failure.ts'
import { InterimFilter } from './interim-filter.ts'

/** Connections to one origin that are open or being opened at once. */
const MOST_LINES = 128
const KEEP_ALIVE_MS = 4_000
/** Longest a connection stays idle when the target says that it keeps it for longer. */
const MOST_KEEP_ALIVE_MS = 60_000
const KEEP_ALIVE_MARGIN_MS = 1_000
const MOST_HEAD_BYTES = 16 * 1024

/** One connection at a time to one origin, with one request at a time on it; connects again when it was closed. */
export class Line {
  /** The present connection, or the last one; undefined before the first. */
  connection: Connection | undefined
  /** Replies that came complete over the present connection. */
  served = 0
  /** The present connection broke; what undici still takes for a whole reply then may be half of one. */
  isBroken = false
  /** How long the next connection may take to open. */
  dialMs = 0
  readonly #client: Client
  readonly #onConnection: LineParts['onConnection']
  #filter: InterimFilter | undefined

  constructor(origin: string, to: Destination, parts: LineParts) {
    this.#onConnection = parts.onConnection
    this.#client = new Client(origin, {
      connect: (_options, callback) => {
        dial(parts, to, this.dialMs, (failure, connection) => {
          if (connection === undefined) callback(new FailureError(failure ?? NO_CONNECTION), null)
          else callback(null, this.#attach(connection).socket)
        })
      },
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: MOST_KEEP_ALIVE_MS,
      keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
      maxHeaderSize: MOST_HEAD_BYTES,
      maxResponseSize: parts.maxReplyBytes,
      // Every try has a timer of ours, which is exact; undici's are coarse and its body timer starts anew with each byte.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(request, handler)
  }

  /** Did the other side end or break the present connection? */
  get isClosed(): boolean {
    return this.isBroken || this.connection?.socket.readableEnded === true
  }

  /** To be called when a request is about to be written. */
  expectReply(): void {
    this.#filter?.expectReply()
  }

  /** Did any byte come back for the present request? */
  get hasReplyBytes(): boolean {
    return this.#filter?.hasBytes ?? false
  }

  close(): void {
    // Not at once: this may be called from within the client, which goes on using itself.
    setImmediate(() => void this.#client.destroy())
  }

  #attach(connection: Connection): Connection {
    this.connection = connection
    this.#onConnection?.(connection)
    this.served = 0
    this.isBroken = false
    this.#filter = new InterimFilter(connection.socket)
    connection.socket.on('error', (error) => {
      this.isBroken ||= isClosed(error)
    })
    return connection
  }
}

const NO_CONNECTION = { outcome: 'refused', error: 'no connection' } as const

export interface LineParts extends DialParts {
  readonly maxReplyBytes: number
  /** Told of every connection that stands. */
  readonly onConnection?: ((connection: Connection) => void) | undefined
}

/** Somebody who wants a line. */
export interface Caller {
  /** True when it no longer wants one. */
  readonly isOver: boolean
  onLine(line: Line): void
}

/** The lines to one origin. Of the idle ones the last used is taken first, so that those in excess time out. */
export class Lines {
  readonly #origin: string
  readonly #to: Destination
  readonly #parts: LineParts
  readonly #idle: Line[] = []
  readonly #waiting: Caller[] = []
  /** Idle ones and those in use. */
  readonly #all = new Set<Line>()
  #isClosed = false

  constructor(origin: string, parts: LineParts) {
    const { hostname, port, protocol } = new URL(origin)
    const isSecure = protocol === 'https:'
    this.#origin = origin
    this.#to = {
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      isSecure,
    }
    this.#parts = parts
  }

  /** Gives the caller a line, at once or as soon as one is free. */
  take(caller: Caller): void {
    const line = this.#idle.pop() ?? (this.#all.size < MOST_LINES ? this.#open() : undefined)
    if (line === undefined) this.#waiting.push(caller)
    else caller.onLine(line)
  }

  /** The request on this line ended well: the next one may use it. */
  give(line: Line): void {
    const next = this.#nextCaller()
    if (next !== undefined) next.onLine(line)
    else if (this.#isClosed) this.#drop(line)
    else this.#idle.push(line)
  }

  /** This line failed and is not used again. */
  discard(line: Line): void {
    this.#drop(line)
    const next = this.#nextCaller()
    if (next !== undefined) next.onLine(this.#open())
  }

  /** A new line in place of one that failed: its connection is certainly fresh. */
  replace(line: Line): Line {
    this.#drop(line)
    return this.#open()
  }

  /** Closes what is idle now, and what is in use when it is given back. */
  close(): void {
    this.#isClosed = true
    for (const line of this.#idle.splice(0)) this.#drop(line)
  }

  /** Closes everything, also under requests whose replies nobody waits for any more. */
  destroy(): void {
    this.close()
    for (const line of this.#all) this.#drop(line)
  }

  #open(): Line {
    const line = new Line(this.#origin, this.#to, this.#parts)
    this.#all.add(line)
    return line
  }

  #drop(line: Line): void {
    this.#all.delete(line)
    line.close()
  }

  #nextCaller(): Caller | undefined {
    for (;;) {
      const caller = this.#waiting.shift()
      if (caller?.isOver !== true) return caller
    }
  }
}
