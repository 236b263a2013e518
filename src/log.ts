import { type DestinationStream, type Logger, destination as openDestination, pino } from 'pino'

import type { Attempt, Delivery } from './callback/attempt.ts'
import type { Exchange } from './callback/callback.ts'
import { LogLines } from './log-lines.ts'

/** Milliseconds and characters that lines may gather in memory before they are written. */
const GATHER_MS = 50
const GATHER_CHARS = 65_536

/** The log of the daemon: pino for whatever is rare, two ready-made lines for what happens on every callback. */
export interface Log {
  readonly pino: Logger
  attempt(exchange: Exchange, attempt: Attempt): void
  callback(exchange: Exchange, delivery: Delivery): void
  flush(): void
  close(): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What the log writes to; a pino destination fits. */
export interface LogSink extends DestinationStream {
  /** Writes what waits before it returns. */
  flushSync?(): void
}

/**
 * Opens the log on a sink, by default standard output, written in blocks off the critical path.
 *
 * Lines hold ids, closed-set words and numbers only. The texts that come from outside (call id, the handler's
 * error) pass through JSON.stringify; bodies, headers and URLs with credentials never get here.
 */
export function openLog(level: LogLevel, target: LogSink = openDestination({ fd: 1, sync: false })): Log {
  const sink = new Gatherer(target)
  const logger = pino({ level, base: null }, sink)
  // pino spends 10 µs on a line (bench/README.md); these two are the only ones on every callback's path.
  const lines = new LogLines()
  let wantsInfo = logger.isLevelEnabled('info')
  logger.on('level-change', () => {
    wantsInfo = logger.isLevelEnabled('info') // a reload has changed it
  })
  return {
    pino: logger,
    attempt(exchange, attempt) {
      if (wantsInfo || attempt.outcome !== 'ok') sink.write(lines.attempt(exchange, attempt))
    },
    callback(exchange, delivery) {
      if (wantsInfo) sink.write(lines.callback(exchange, delivery))
    },
    flush: () => sink.flushSync(),
    close: () => sink.close(),
  }
}

/** Joins lines, because every write to a destination of its own costs more than the line. */
class Gatherer implements LogSink {
  readonly #target: LogSink
  readonly #timer: NodeJS.Timeout
  #gathered = ''

  constructor(target: LogSink) {
    this.#target = target
    this.#timer = setInterval(() => this.#pass(), GATHER_MS).unref()
  }

  write(line: string): void {
    this.#gathered += line
    if (this.#gathered.length > GATHER_CHARS) this.#pass()
  }

  flushSync(): void {
    this.#pass()
    this.#target.flushSync?.()
  }

  close(): void {
    clearInterval(this.#timer)
    this.flushSync()
  }

  #pass(): void {
    if (this.#gathered === '') return
    this.#target.write(this.#gathered)
    this.#gathered = ''
  }
}
