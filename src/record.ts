import type { Attempt, Delivery } from './callback/attempt.ts'
import type { Exchange } from './callback/callback.ts'
import { NO_EVENT } from './callback/event.ts'
import type { Route } from './callback/route.ts'
import type { Clock } from './clock.ts'
import type { LedgerWriter, Refusal, Ticket } from './ledger/ledger.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics/metrics.ts'
import { type RecordListener, Teller } from './teller.ts'
import { Timed, TimerWheel } from './timer-wheel.ts'

/** The one place that is told what happened: the ledger at once, then log, metrics and listeners (teller.ts). */
export interface Recorder {
  attempted(exchange: Exchange, attempt: Attempt): Ticket
  settled(exchange: Exchange, delivery: Delivery): Ticket
  /**
   * The callback is to wait for its handler. True once that is on disk; false, and nothing else was told, when the
   * ledger did not write it within `patienceMs`.
   */
  rescued(exchange: Exchange, delivery: Delivery, patienceMs: number): Promise<boolean>
  /** One that waited was delivered or given up. Resolves when that is on disk, or cannot be written now. */
  ended(exchange: Exchange, delivery: Delivery): Promise<void>
  /** One that waits goes on waiting: a row, and nothing that people are told again. */
  postponed(exchange: Exchange, delivery: Delivery): void
  /** A repeat by the provider: a row and a log line, but no delivery of its own. */
  repeated(exchange: Exchange, delivery: Delivery): void
  /** `route` is undefined when no route matched. */
  refused(refusal: Refusal, route: Route | undefined, elapsedMs: number): void
  /** Waits until a row is on disk, but never longer than forwarding may be held up; a late commit is counted. */
  commit(ticket: Ticket): Promise<void>
}

export interface RecorderParts {
  readonly clock: Clock
  readonly ledger: LedgerWriter
  readonly log: Log
  readonly metrics: Metrics
  readonly listeners: readonly RecordListener[]
  /** Told at once, while what is active for the callback still is: spans. */
  readonly spans?: readonly RecordListener[]
}

/** A commit that takes longer never holds up forwarding. */
const COMMIT_WAIT_MS = 50
/** Late commits come in crowds: one line tells all since the last. */
const LATE_LINES_MS = 10_000

export function createRecorder(parts: RecorderParts): Recorder {
  const { clock, ledger, metrics, listeners, spans = [] } = parts
  const timers = new TimerWheel(clock)
  const teller = new Teller(parts)
  const late = new LateCommits(parts)
  const settled = (exchange: Exchange, delivery: Delivery, kind: 'settled' | 'ended'): void => {
    for (const span of spans) span.settled(exchange, delivery)
    teller.tell({ kind, exchange, delivery })
  }

  return {
    attempted(exchange, attempt) {
      const ticket = ledger.attempt(exchange, attempt)
      for (const span of spans) span.attempted(exchange, attempt)
      teller.tell({ kind: 'attempted', exchange, attempt })
      return ticket
    },
    settled(exchange, delivery) {
      const ticket = ledger.settle(exchange, delivery)
      settled(exchange, delivery, 'settled')
      return ticket
    },
    async rescued(exchange, delivery, patienceMs) {
      if (!ledger.health().isWritable) return false
      const ticket = ledger.settle(exchange, delivery)
      const end = await within(ledger.durable(ticket), clock.mono() + patienceMs, timers)
      if (end !== 'durable') return false
      settled(exchange, delivery, 'settled')
      return true
    },
    async ended(exchange, delivery) {
      const ticket = ledger.settle(exchange, delivery)
      settled(exchange, delivery, 'ended')
      await ledger.secured(ticket).catch(() => undefined) // said loudly by the ledger itself
    },
    postponed(exchange, delivery) {
      ledger.settle(exchange, delivery)
    },
    repeated(exchange, delivery) {
      ledger.settle(exchange, delivery)
      teller.tell({ kind: 'repeated', exchange, delivery })
    },
    refused(refusal, route, elapsedMs) {
      ledger.refuse(refusal)
      for (const listener of listeners) listener.refused?.(refusal)
      metrics.received(route, NO_EVENT, refusal.reason)
      metrics.answered(route, refusal.status, elapsedMs / 1000)
      if (isSignatureReason(refusal.reason)) metrics.signatureFailed(route, refusal.reason)
    },
    async commit(ticket) {
      const end = await within(ledger.secured(ticket), clock.mono() + COMMIT_WAIT_MS, timers)
      if (end === 'late') late.add()
    },
  }
}

/** Callbacks that were forwarded before their rows were safe: counted, and said at most every ten seconds. */
class LateCommits {
  readonly #parts: RecorderParts
  #count = 0
  #sayAt = -Infinity

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  add(): void {
    const { clock, log, metrics } = this.#parts
    metrics.commitWasLate()
    this.#count++
    if (clock.mono() < this.#sayAt) return
    log.pino.warn(
      { part: 'ledger', callbacks: this.#count },
      'THE DISK IS SLOW: rows took over 50 ms; forwarding did not wait, a crash just then loses them',
    )
    this.#count = 0
    this.#sayAt = clock.mono() + LATE_LINES_MS
  }
}

type Outcome = 'durable' | 'late' | 'failed'

/** @param at moment of the monotonic clock from which on it is late */
function within(durable: Promise<void>, at: number, timers: TimerWheel): Promise<Outcome> {
  return new Promise((resolve) => {
    const patience = new Patience(resolve)
    timers.set(patience, at)
    const end = (outcome: Outcome): void => {
      timers.clear(patience)
      resolve(outcome)
    }
    durable.then(
      () => end('durable'),
      () => end('failed'),
    )
  })
}

class Patience extends Timed {
  readonly #resolve: (outcome: Outcome) => void

  constructor(resolve: (outcome: Outcome) => void) {
    super()
    this.#resolve = resolve
  }

  onTimer(): void {
    this.#resolve('late')
  }
}

function isSignatureReason(reason: Refusal['reason']): boolean {
  return (
    reason === 'signature_missing' ||
    reason === 'signature_bad' ||
    reason === 'timestamp_bad' ||
    reason === 'timestamp_stale' ||
    reason === 'nonce_reused'
  )
}
