import { type DestinationStream, type Logger, destination as openDestination, pino } from 'pino'

import type { Attempt, Delivery } from './callback/attempt.ts'
import type { Exchange } from './callback/callback.ts'
import { hangupCodeOf } from './callback/hangup-code.ts'

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
  const wantsInfo = logger.isLevelEnabled('info')
  return {
    pino: logger,
    attempt(exchange, attempt) {
      if (wantsInfo || attempt.outcome !== 'ok') sink.write(attemptLine(exchange, attempt))
    },
    callback(exchange, delivery) {
      if (wantsInfo) sink.write(callbackLine(exchange, delivery))
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

const LEVEL_INFO = 30
const LEVEL_WARN = 40

function attemptLine(exchange: Exchange, attempt: Attempt): string {
  const level = attempt.outcome === 'ok' ? LEVEL_INFO : LEVEL_WARN
  return (
    `{"level":${level},"time":${attempt.startedAt},"msg":"attempt","delivery":"${exchange.callback.id}",` +
    `"route":"${exchange.route.id}","event":"${exchange.facts.event}","call":${quoted(exchange.facts.callId)},` +
    `"target":"${attempt.target.role}","attempt":${attempt.number},"via":"${attempt.via}",` +
    `"outcome":"${attempt.outcome}","status":${attempt.status},"ms":${round(attempt.phases.total)}` +
    (attempt.error === '' ? '' : `,"error":${quoted(attempt.error)}`) +
    `${trace(exchange)}}\n`
  )
}

function callbackLine(exchange: Exchange, delivery: Delivery): string {
  return (
    `{"level":${LEVEL_INFO},"time":${exchange.callback.receivedAt},"msg":"callback","delivery":"${exchange.callback.id}",` +
    `"route":"${exchange.route.id}","event":"${exchange.facts.event}","call":${quoted(exchange.facts.callId)},` +
    `"kind":"${exchange.kind}","verdict":"${exchange.verdict}","result":"${delivery.result}",` +
    `"answered":${delivery.answerStatus},"ms":${round(delivery.answerMs)}` +
    (delivery.blame === undefined ? '' : `,"blame":"${delivery.blame}"`) +
    hangupCode(exchange, delivery) +
    `${trace(exchange)}}\n`
  )
}

/** The code under which the provider's own records will show the end of the call, for those who compare the two. */
function hangupCode({ kind, facts }: Exchange, { result, lastOutcome, answerStatus }: Delivery): string {
  if (kind !== 'xml' || result !== 'failed' || lastOutcome === undefined || answerStatus === 200) return ''
  const code = hangupCodeOf(facts, lastOutcome)
  return code === undefined ? '' : `,"hangup_code":${code}`
}

function trace(exchange: Exchange): string {
  return exchange.traceparent === '' ? '' : `,"traceparent":${quoted(exchange.traceparent)}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
