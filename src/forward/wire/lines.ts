import type { Destination } from '../dial.ts'
import { LastHead } from './last-head.ts'
import { Line, type LineParts } from './line.ts'

/** Connections to one origin that are open or being opened at once. */
const MOST_LINES = 128
/** How often idle connections are looked through for those whose time is over. */
const SWEEP_MS = 1_000

/** Somebody who wants a line. */
export interface Caller {
  /** True when it no longer wants one. */
  readonly isOver: boolean
  onLine(line: Line): void
}

/** The lines to one origin. Of the idle ones the last used is taken first, so that those in excess time out. */
export class Lines {
  readonly #to: Destination
  readonly #parts: LineParts
  readonly #lastHead = new LastHead()
  readonly #idle: Line[] = []
  readonly #waiting: Caller[] = []
  /** Idle ones and those in use. */
  readonly #all = new Set<Line>()
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(origin: string, parts: LineParts) {
    const { hostname, port, protocol } = new URL(origin)
    const isSecure = protocol === 'https:'
    this.#to = {
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      isSecure,
    }
    this.#parts = parts
  }

  /** Gives the caller a line, at once or as soon as one is free. */
  take(caller: Caller): void {
    const line = this.#takeIdle() ?? (this.#all.size < MOST_LINES ? this.#open() : undefined)
    if (line === undefined) this.#waiting.push(caller)
    else caller.onLine(line)
  }

  /** The request on this line ended well: the next one may use it. */
  give(line: Line): void {
    if (!line.isUsableAt(this.#parts.clock.mono())) {
      this.discard(line)
      return
    }
    const next = this.#nextCaller()
    if (next !== undefined) next.onLine(line)
    else if (this.#isClosed) this.#drop(line)
    else {
      this.#idle.push(line)
      this.#sweep ??= setInterval(() => this.#dropStale(), SWEEP_MS).unref()
    }
  }

  /** This line failed, or its reply was the last one; it is not used again. */
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
    clearInterval(this.#sweep)
    for (const line of this.#idle.splice(0)) this.#drop(line)
  }

  /** Closes everything, also under requests whose replies nobody waits for any more. */
  destroy(): void {
    this.close()
    for (const line of this.#all) this.#drop(line)
  }

  #takeIdle(): Line | undefined {
    const now = this.#parts.clock.mono()
    for (let line = this.#idle.pop(); line !== undefined; line = this.#idle.pop()) {
      if (line.isUsableAt(now)) return line
      this.#drop(line)
    }
    return undefined
  }

  #open(): Line {
    const line = new Line(this.#to, this.#parts, this.#lastHead)
    line.onIdleEnd = () => this.#forget(line)
    this.#all.add(line)
    return line
  }

  /** The other side ended the connection of an idle line, or that of one in use whose user is told next. */
  #forget(line: Line): void {
    const at = this.#idle.indexOf(line)
    if (at === -1) return
    this.#idle.splice(at, 1)
    this.#all.delete(line)
  }

  #dropStale(): void {
    const now = this.#parts.clock.mono()
    const stale = this.#idle.filter((line) => !line.isUsableAt(now))
    for (const line of stale) {
      this.#idle.splice(this.#idle.indexOf(line), 1)
      this.#drop(line)
    }
    if (this.#idle.length > 0) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
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
