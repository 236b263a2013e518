import { LRUCache } from 'lru-cache'

import type { AnswerFault, FoundFault } from '../callback/answer-fault.ts'
import type { Attempt, Phases, Reply, Via } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Target } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { AddressPolicy } from './address.ts'
import type { Breaker } from './breaker.ts'
import { timeForFallback, timeForPrimary, timeForTargets } from './budget.ts'
import { type Carrier, type CarrierOptions, createCarrier, MOST_ORIGINS, type OwnCarrier } from './carrier.ts'
import { Composer, type Resign } from './compose.ts'
import type { LateWatch, Result } from './send.ts'

/** What came of bringing a callback to its targets: every try, in order, and the one that a target took. */
export interface Forwarded {
  readonly attempts: readonly Attempt[]
  readonly success: Attempt | undefined
}

export interface ForwardOptions {
  readonly via: Via
  /** Number of the first attempt; they are counted over live, rescue and replay. */
  readonly firstNumber: number
  /** Time for all targets together, from now on, in milliseconds; left out, the route's deadline counts from the arrival. */
  readonly budgetMs?: number | undefined
  /** Of ours, besides those that every attempt has; names and values in turn. */
  readonly headers?: readonly string[] | undefined
  /** Told when a target replied completely after its attempt had ended as `timeout_response`. */
  readonly onLate?: ((attempt: Attempt) => void) | undefined
  /** Who makes the tries; this process when left out. */
  readonly carrier?: Carrier | undefined
}

/** Brings callbacks to their targets. */
export interface Forwarder {
  /** Tries the primary, then the fallback. Never rejects for a target's fault; ends within the time it has. */
  forward(exchange: Exchange, options: ForwardOptions): Promise<Forwarded>
  /** Takes over what a reload changed; connections that stand under the old policy are closed when they are idle. */
  update(changed: { readonly policy: AddressPolicy; readonly publicUrl: string }): void
  /**
   * When the certificate last shown by an origin expires, milliseconds since the epoch; undefined when none was seen.
   */
  certificateExpiresAt(origin: string): number | undefined
  /** The certificate of an origin was seen by somebody else who dials for us. */
  sawCertificate(origin: string, expiresAt: number): void
  /** Resolves when no attempt is under way any more; late replies are given up. */
  close(): Promise<void>
}

export interface ForwarderOptions extends Omit<CarrierOptions, 'onCertificate'> {
  /** What the provider dials, for X-Forwarded-Proto and X-Forwarded-Host. */
  readonly publicUrl: string
  readonly breaker?: Breaker | undefined
  /** What is wrong with a reply that the provider would execute; asked only where the route has a response contract. */
  readonly judgeReply?: ((exchange: Exchange, reply: Reply) => FoundFault | undefined) | undefined
  readonly resign?: Resign | undefined
}

const CONNECT_MS = 800
/** How long a reply is waited for after its time was up, and for how many requests at once. */
const LATE_MS = 10_000
const MOST_LATE = 64

export function createForwarder(options: ForwarderOptions): Forwarder {
  return new TargetForwarder(options)
}

class TargetForwarder implements Forwarder {
  readonly #options: ForwarderOptions
  readonly #clock: Clock
  readonly #composer: Composer
  readonly #carrier: OwnCarrier
  readonly #certificates = new LRUCache<string, number>({ max: MOST_ORIGINS })
  #underWay = 0
  #late = 0
  #onIdle: (() => void) | undefined

  constructor(options: ForwarderOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#composer = new Composer(options)
    this.#carrier = createCarrier({
      ...options,
      onCertificate: (origin, expiresAt) => this.sawCertificate(origin, expiresAt),
    })
  }

  // Written with `then` instead of `await`: of two async functions each callback would leave a kilobyte behind.
  forward(exchange: Exchange, options: ForwardOptions): Promise<Forwarded> {
    this.#underWay += 1
    return this.#forward(exchange, options).then(
      (forwarded) => {
        this.#ended()
        return forwarded
      },
      (error: unknown) => {
        this.#ended()
        throw error
      },
    )
  }

  #ended(): void {
    this.#underWay -= 1
    if (this.#underWay === 0) this.#onIdle?.()
  }

  #forward(exchange: Exchange, options: ForwardOptions): Promise<Forwarded> {
    const { callback, route } = exchange
    const wholeMs = options.budgetMs ?? route.deadlineMs - route.marginMs
    const startedAt = options.budgetMs === undefined ? callback.startedAt : this.#clock.mono()
    const endsAt = startedAt + timeForTargets(wholeMs)
    const [primary, fallback] = route.targets

    const timeoutMs = timeForPrimary(endsAt - this.#clock.mono(), wholeMs, fallback !== undefined)
    if (timeoutMs <= 0) return Promise.resolve(nothingTried)
    const isOnlyWay = fallback === undefined && exchange.kind === 'xml'
    const turn = { options, number: options.firstNumber, timeoutMs, isOnlyWay }
    return this.#try(exchange, primary, turn).then((first) => {
      if (first.outcome === 'ok') return { attempts: [first], success: first }
      // Cut off: whether the first target has it nobody knows, and nobody waits for an answer any more.
      const isCutOff = first.outcome === 'unknown' && options.carrier?.isGone === true
      const leftMs = timeForFallback(endsAt - this.#clock.mono(), wholeMs)
      if (fallback === undefined || isCutOff || leftMs <= 0) return { attempts: [first], success: undefined }
      return this.#fallBack(exchange, { fallback, first, options, timeoutMs: leftMs })
    })
  }

  async #fallBack(exchange: Exchange, { fallback, first, options, timeoutMs }: FallBack): Promise<Forwarded> {
    const second = await this.#try(exchange, fallback, {
      options,
      number: options.firstNumber + 1,
      timeoutMs,
      isOnlyWay: exchange.kind === 'xml',
    })
    return { attempts: [first, second], success: second.outcome === 'ok' ? second : undefined }
  }

  #try(exchange: Exchange, target: Target, turn: Turn): Promise<Attempt> {
    const { breaker } = this.#options
    const startedAt = this.#clock.wall()
    if (breaker?.mayTry(target) === false && !turn.isOnlyWay && turn.options.via !== 'replay') {
      return Promise.resolve(attemptOf(target, turn, startedAt, skipped))
    }
    const { number } = turn
    const { via, headers, onLate, carrier } = turn.options
    const request = this.#composer.compose(exchange, target, { number, via, headers })
    if ('error' in request)
      return Promise.resolve(attemptOf(target, turn, startedAt, { ...skipped, ...request }))
    const sent = (carrier?.isGone === false ? carrier : this.#carrier).carry({
      origin: target.origin,
      request,
      timeoutMs: turn.timeoutMs,
      connectTimeoutMs: target.connectTimeoutMs ?? CONNECT_MS,
      responseTimeoutMs: target.responseTimeoutMs,
      late: onLate && this.#lateWatch((late) => onLate(attemptOf(target, turn, startedAt, late))),
    })
    return sent.then((result) => {
      const judged = this.#judged(exchange, result)
      breaker?.ended(target, judged.outcome)
      return attemptOf(target, turn, startedAt, judged)
    })
  }

  /** The result under the response contract of the route: a broken answer is noted, and counts where the route says so. */
  #judged(exchange: Exchange, result: Result): JudgedResult {
    const { responseContract } = exchange.route
    const { reply } = result
    if (responseContract === 'off' || exchange.kind !== 'xml' || result.outcome !== 'ok') return result
    if (reply === undefined) return result
    const found = this.#options.judgeReply?.(exchange, reply)
    if (found === undefined) return result
    const outcome = responseContract === 'protect' && found.dropsCall ? 'bad_xml' : 'ok'
    return { ...result, outcome, error: `the answer ${found.error}`, answerFault: found.fault }
  }

  #lateWatch(tell: (result: Result) => void): LateWatch {
    return {
      begin: () => {
        if (this.#late >= MOST_LATE || this.#onIdle !== undefined) return 0
        this.#late += 1
        return LATE_MS
      },
      end: (result) => {
        this.#late -= 1
        if (result !== undefined) tell(result)
      },
    }
  }

  certificateExpiresAt(origin: string): number | undefined {
    return this.#certificates.peek(origin)
  }

  sawCertificate(origin: string, expiresAt: number): void {
    this.#certificates.set(origin, expiresAt)
  }

  update(changed: { readonly policy: AddressPolicy; readonly publicUrl: string }): void {
    this.#composer.update(changed.publicUrl)
    this.#carrier.update(changed.policy)
  }

  async close(): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    if (this.#underWay > 0) await idle
    this.#carrier.close()
  }
}

/** One target's turn at a callback. */
interface Turn {
  readonly options: ForwardOptions
  readonly number: number
  readonly timeoutMs: number
  /** Skipping this target would leave a call without an answer. */
  readonly isOnlyWay: boolean
}

/** What the second target is tried after, and with. */
interface FallBack {
  readonly fallback: Target
  readonly first: Attempt
  readonly options: ForwardOptions
  readonly timeoutMs: number
}

const nothingTried: Forwarded = { attempts: [], success: undefined }

interface JudgedResult extends Result {
  readonly answerFault?: AnswerFault
}

const noPhases: Phases = { dns: NaN, connect: NaN, tls: NaN, firstByte: NaN, total: 0 }
const skipped: Result = {
  outcome: 'circuit_open',
  error: 'not tried: it kept failing, and only a probe now and then is let through',
  phases: noPhases,
  status: 0,
  resent: false,
  reply: undefined,
}

function attemptOf(target: Target, turn: Turn, startedAt: number, result: JudgedResult): Attempt {
  const { outcome, error, phases, status, resent, reply, answerFault } = result
  return {
    number: turn.number,
    target,
    via: turn.options.via,
    startedAt,
    outcome,
    phases,
    status,
    error,
    resent,
    reply,
    answerFault,
  }
}
