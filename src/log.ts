import { type DestinationStream, type Logger, destination as openDestination, pino } from 'pino'

import type { Attempt, Delivery } from './callback/attempt.ts'
import type { Exchange } from './callback/callback.ts'

/** Milliseconds that lines may wait in memory before they are written. */
const FLUSH_EVERY_MS = 50

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
  flushSync?(): void
}

/**
 * Opens the log on a sink, by default standard output, written in blocks off the critical path.
 *
 * Lines hold ids, closed-set words and numbers only. The texts that come from outside (call id, the handler's
 * error) pass through JSON.stringify; bodies, headers and URLs with credentials never get here.
 */
export function openLog(level: LogLevel, sink: LogSink = stdoutInBlocks()): Log {
  const logger = pino({ level, base: null }, sink)
  const timer = setInterval(() => sink.flushSync?.(), FLUSH_EVERY_MS)
  timer.unref()
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
    flush: () => sink.flushSync?.(),
    close: () => {
      clearInterval(timer)
      sink.flushSync?.()
    },
  }
}

function stdoutInBlocks(): LogSink {
  return openDestination({ fd: 1, sync: false, minLength: 8192 })
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
    `${trace(exchange)}}\n`
  )
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
