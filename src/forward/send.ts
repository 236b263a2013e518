import type { Phases, Reply } from '../callback/attempt.ts'
import { type Outcome, outcomeOfStatus } from '../callback/outcome.ts'
import type { Clock } from '../clock.ts'
import { TurnEnd } from '../turn-end.ts'
import type { Connection } from './dial.ts'
import type { Failure } from './failure.ts'
import { Timed, type TimerWheel } from '../timer-wheel.ts'
import type { Line, LineUser } from './wire/line.ts'
import type { Caller, Lines } from './wire/lines.ts'
import type { ReplyHead } from './wire/reply-head.ts'
import type { WireRequest } from './wire/write-request.ts'

/** One request, ready to be sent. */
export interface Errand {
  /** Where it goes to: scheme://host[:port]. */
  readonly origin: string
  readonly request: WireRequest
  /** Time for all of it, milliseconds. */
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
  /** From the request being written to the whole reply; undefined leaves it to `timeoutMs`. */
  readonly responseTimeoutMs: number | undefined
  /** Told when the reply came after all, after the try had ended as `timeout_response`; undefined gives up at once. */
  readonly late: LateWatch | undefined
}

/** Watches requests whose time was up. */
export interface LateWatch {
  /** How long to go on listening from now on, milliseconds; 0 for not at all. */
  begin(): number
  /** `result` is undefined when nothing complete came. */
  end(result: Result | undefined): void
}

/** How a try ended. */
export interface Result {
  readonly outcome: Outcome
  readonly error: string
  readonly phases: Phases
  readonly status: number
  readonly resent: boolean
  readonly reply: Reply | undefined
}

/** What a try is made with. */
export interface Means {
  readonly clock: Clock
  /** The connections to the origin of the errand. */
  readonly lines: Lines
  readonly timers: TimerWheel
}

/** One try: sends the request and resolves when the whole reply came or cannot come any more. Never rejects. */
export function send(errand: Errand, means: Means): Promise<Result> {
  return new Promise((resolve) => {
    new Try(errand, means, resolve).start()
  })
}

/** Records what came of many tries in a row. */
const ended = new TurnEnd<Ended>('work', ({ resolve, result }) => resolve(result))

interface Ended {
  readonly resolve: (result: Result) => void
  readonly result: Result
}

/** An object of its own for each try: it is the caller and the user of its line, and has a time limit. */
class Try extends Timed implements Caller, LineUser {
  readonly #errand: Errand
  readonly #clock: Clock
  readonly #lines: Lines
  readonly #resolve: (result: Result) => void
  readonly #startedAt: number
  readonly #endsAt: number
  /** What the time limit was set to. */
  #limitMs: number
  readonly #timers: TimerWheel
  #line: Line | undefined
  #isSent = false
  /** The connection, if it was made for this try. */
  #made: Connection | undefined
  #sentAt = NaN
  #firstByteAt = NaN
  #resent = false
  #isLate = false
  /** Nobody waits for the result any more. */
  isOver = false

  constructor(errand: Errand, { clock, lines, timers }: Means, resolve: (result: Result) => void) {
    super()
    this.#errand = errand
    this.#clock = clock
    this.#lines = lines
    this.#timers = timers
    this.#resolve = resolve
    this.#startedAt = clock.mono()
    this.#limitMs = errand.timeoutMs
    this.#endsAt = this.#startedAt + errand.timeoutMs
  }

  start(): void {
    this.#timers.set(this, this.#endsAt)
    this.#lines.take(this)
  }

  onLine(line: Line): void {
    const { connectTimeoutMs, request } = this.#errand
    this.#line = line
    // One millisecond less than the whole: a dial that runs out of time knows best what it was waiting for.
    const dialMs = Math.max(1, Math.min(connectTimeoutMs, this.#endsAt - this.#clock.mono() - 1))
    line.send(request, this, dialMs)
  }

  onSent(made: Connection | undefined): void {
    this.#isSent = true
    this.#made = made
    this.#sentAt = this.#clock.mono()
    const { responseTimeoutMs } = this.#errand
    if (responseTimeoutMs !== undefined && this.#sentAt + responseTimeoutMs < this.#endsAt) {
      this.#limitMs = responseTimeoutMs
      this.#timers.set(this, this.#sentAt + responseTimeoutMs)
    }
  }

  onFirstByte(): void {
    this.#firstByteAt = this.#clock.mono()
  }

  onReply({ status, headers }: ReplyHead, body: Buffer): void {
    const line = this.#line
    if (line === undefined) return
    const outcome = outcomeOfStatus(status)
    this.#end(outcome, outcome === 'ok' ? '' : errorOfStatus(status), { status, headers, body })
    this.#lines.give(line)
  }

  onFailure(failure: Failure): void {
    const line = this.#line
    if (line === undefined) return
    if (this.#mayResend(line, failure)) {
      this.#resent = true
      this.#isSent = false
      this.onLine(this.#lines.replace(line))
      return
    }
    this.#lines.discard(line)
    this.#end(failure.outcome, failure.error, undefined)
  }

  /** The target had closed an idle connection just when we wrote to it: no reply byte came, so it is sent once more. */
  #mayResend(line: Line, { outcome }: Failure): boolean {
    if (this.isOver || this.#resent || outcome !== 'reset') return false
    return line.isReused && !line.hasReplyBytes && this.#clock.mono() < this.#endsAt
  }

  onTimer(): void {
    if (this.isOver) {
      this.#end('timeout_response', '', undefined)
      this.#hangUp()
      return
    }
    const failure = this.#timeoutFailure()
    const lateMs =
      failure.outcome === 'timeout_response' && this.#isSent ? (this.#errand.late?.begin() ?? 0) : 0
    this.#end(failure.outcome, failure.error, undefined)
    if (lateMs > 0) {
      this.#isLate = true
      this.#timers.set(this, this.#clock.mono() + lateMs)
    } else this.#hangUp()
  }

  #hangUp(): void {
    if (this.#line !== undefined) this.#lines.discard(this.#line)
  }

  #timeoutFailure(): Failure {
    const ms = Math.round(this.#limitMs)
    if (this.#line === undefined) {
      return {
        outcome: 'timeout_response',
        error: `no free connection to ${this.#peer()} within ${ms} ms: all wait for replies`,
      }
    }
    if (!this.#isSent) {
      return { outcome: 'timeout_connect', error: `no connection to ${this.#peer()} within ${ms} ms` }
    }
    const what = this.#line.hasReplyBytes ? 'no complete reply' : 'no reply'
    return { outcome: 'timeout_response', error: `${what} from ${this.#peer()} within ${ms} ms` }
  }

  /** Told once to whoever waits, and once more to the watch of late replies where one took over. */
  #end(outcome: Outcome, error: string, reply: Reply | undefined): void {
    if (this.isOver && !this.#isLate) return
    this.#timers.clear(this)
    const result = {
      outcome,
      error,
      phases: this.#phases(),
      status: reply === undefined ? 0 : reply.status,
      resent: this.#resent,
      reply,
    }
    if (this.#isLate) {
      this.#isLate = false
      this.#errand.late?.end(reply === undefined ? undefined : result)
      return
    }
    this.isOver = true
    ended.add({ resolve: this.#resolve, result })
  }

  #phases(): Phases {
    const connection = this.#made
    return {
      dns: connection?.dnsMs ?? NaN,
      connect: connection?.connectMs ?? NaN,
      tls: connection?.tlsMs ?? NaN,
      firstByte: this.#firstByteAt - this.#sentAt,
      total: this.#clock.mono() - this.#startedAt,
    }
  }

  #peer(): string {
    return this.#line?.peer ?? this.#errand.origin
  }
}

function errorOfStatus(status: number): string {
  return status >= 300 && status < 400
    ? `answered ${status}; redirects are not followed`
    : `answered ${status}`
}
