import { headerTextOf } from '../../src/callback/header-text.ts'
import { createHash } from 'node:crypto'

import type { Attempt, Delivery, Phases } from '../../src/callback/attempt.ts'
import { blameOf } from '../../src/callback/blame.ts'
import type { Exchange } from '../../src/callback/callback.ts'
import { createIdMaker } from '../../src/callback/id.ts'
import type { Outcome } from '../../src/callback/outcome.ts'
import type { Route } from '../../src/callback/route.ts'
import type { LedgerWriter } from '../../src/ledger/ledger.ts'
import { benchRoutes } from './routes.ts'

/** Share of attempts at a primary that fail, and of those after which the fallback fails as well. */
const FAILING = 0.03
const FAILING_AGAIN = 0.3
const EVENTS = ['call.initiated', 'call.answered', 'call.completed', 'recording.completed'] as const
const FAILURES: readonly Outcome[] = ['http_5xx', 'timeout_response', 'refused', 'http_4xx']
// prettier-ignore
const USUAL_HEADERS = [
  'Host', 'callbacks.example.com', 'User-Agent', 'Vobiz-Webhook/1.0', 'Accept', '*/*',
  'Content-Type', 'application/json',
]
const NO_CONNECT = { dns: Number.NaN, connect: Number.NaN, tls: Number.NaN }

/** One callback with what became of it. */
export interface Happening {
  readonly exchange: Exchange
  readonly attempts: readonly Attempt[]
  readonly delivery: Delivery
}

/** Callbacks as an account with many calls brings them: four of each call, bodies of 800 bytes, a few per cent failing. */
export class History {
  /** Attempts written so far. */
  attempts = 0
  callbacks = 0
  readonly #random: () => number
  readonly #newId: (nowMs: number) => string
  readonly #routes: readonly Route[]
  readonly #calls: string[] = ['', '', '', '', '', '', '', '']
  readonly #filler = 'ringback '.repeat(64)

  constructor(random: () => number, routes: number) {
    this.#random = random
    this.#newId = createIdMaker(random)
    this.#routes = benchRoutes(routes)
  }

  /** One callback that arrived at a moment, with its attempts and its end. */
  write(writer: LedgerWriter, atMs: number): void {
    handOver(writer, this.next(atMs))
  }

  /** The next one, for whoever hands it over. */
  next(atMs: number): Happening {
    const exchange = this.#exchange(atMs)
    this.callbacks++
    const [primary, fallback] = exchange.route.targets
    const first = this.#attempt(exchange, { target: primary, number: 1, failing: FAILING })
    if (first.outcome === 'ok' || fallback === undefined)
      return { exchange, attempts: [first], delivery: deliveryAfter(first) }
    const second = this.#attempt(exchange, { target: fallback, number: 2, failing: FAILING_AGAIN })
    return { exchange, attempts: [first, second], delivery: deliveryAfter(second) }
  }

  /** The same once more, as a callback of its own that arrived at another moment. */
  again({ exchange, ...rest }: Happening, atMs: number): Happening {
    const callback = { ...exchange.callback, id: this.#newId(atMs), receivedAt: atMs }
    return { ...rest, exchange: { ...exchange, callback } }
  }

  #exchange(atMs: number): Exchange {
    const number = this.callbacks
    // Several calls are under way at a time, each with its events in order.
    const place = number % this.#calls.length
    const step = Math.floor(number / this.#calls.length) % EVENTS.length
    if (step === 0) this.#calls[place] = `${number.toString(16).padStart(8, '0')}-${this.#hex(24)}`
    const callId = this.#calls[place] ?? ''
    const event = EVENTS[step] ?? 'call.initiated'
    const route = this.#routes[Math.floor(this.#random() ** 2 * this.#routes.length)] ?? this.#routes[0]
    if (route === undefined) throw new RangeError('a history needs a route')
    const bare = { event, call_id: callId, from: '+14155551234', to: '+14155555678', at: atMs, note: '' }
    const note = this.#filler.slice(0, 800 - JSON.stringify(bare).length)
    const body = Buffer.from(JSON.stringify({ ...bare, note }))
    return {
      callback: {
        id: this.#newId(atMs),
        receivedAt: atMs,
        startedAt: 0,
        method: 'POST',
        path: '/vobiz/MA_TEST123',
        query: '',
        headers: headerTextOf([
          ...USUAL_HEADERS,
          'Content-Length',
          String(body.length),
          'x-vobiz-signature',
          this.#hex(64),
          'x-vobiz-timestamp',
          String(Math.floor(atMs / 1000)),
        ]),
        body,
        peer: '203.0.113.7',
      },
      route,
      facts: {
        event,
        rawEvent: '',
        callId,
        account: 'MA_TEST123',
        application: route.id,
        trunk: '',
        discriminator: '',
        kind: 'notify',
        isProbe: false,
      },
      kind: 'notify',
      verdict: 'verified',
      guardKey: `1${this.#hex(31)}`,
      bodyHash: createHash('sha256').update(body).digest('hex'),
      traceparent: '',
    }
  }

  #attempt(
    { callback }: Exchange,
    of: { readonly target: Route['targets'][0]; readonly number: number; readonly failing: number },
  ): Attempt {
    this.attempts++
    const fails = this.#random() < of.failing
    const outcome = fails ? (FAILURES[Math.floor(this.#random() * FAILURES.length)] ?? 'http_5xx') : 'ok'
    const status = { ok: 200, http_5xx: 503, http_4xx: 404 }[outcome as string] ?? 0
    const total = Math.round((5 + 40 * this.#random() ** 4) * 1000) / 1000
    const phases: Phases = { ...NO_CONNECT, firstByte: status === 0 ? Number.NaN : total - 0.2, total }
    return {
      number: of.number,
      target: of.target,
      via: 'live',
      startedAt: callback.receivedAt,
      outcome,
      phases,
      status,
      error: fails ? `the handler answered with ${outcome}` : '',
      resent: false,
      reply:
        status === 0
          ? undefined
          : {
              status,
              headers: ['Content-Type', 'application/json', 'Date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
              body: Buffer.from('{"status":"received"}'),
            },
    }
  }

  #hex(digits: number): string {
    let text = ''
    while (text.length < digits)
      text += Math.floor(this.#random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0')
    return text.slice(0, digits)
  }
}

export function handOver(writer: LedgerWriter, { exchange, attempts, delivery }: Happening): void {
  writer.keep(exchange)
  for (const attempt of attempts) writer.attempt(exchange, attempt)
  writer.settle(exchange, delivery)
}

function deliveryAfter({ outcome, phases, status }: Attempt): Delivery {
  const isDelivered = outcome === 'ok'
  return {
    result: isDelivered ? 'delivered' : 'failed',
    blame: isDelivered ? undefined : blameOf(outcome),
    lastOutcome: outcome,
    answerStatus: isDelivered ? 200 : status || 504,
    answerMs: phases.total + 1,
    dueAt: undefined,
    answer: undefined,
  }
}
