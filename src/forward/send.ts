import type { Dispatcher } from 'undici'

import type { Phases, Reply } from '../callback/attempt.ts'
import { type Outcome, outcomeOfStatus } from '../callback/outcome.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from './dial.ts'
import { exchangeFailure, type Failure, FailureError, isClosed } from './failure.ts'
import { replyHeaders } from './headers.ts'
import type { Caller, Line, Lines } from './lines.ts'

const MOST_REPLY_HEADERS = 150
const NOTHING = Buffer.alloc(0)

/** One request, ready to be sent. */
export interface Order {
  readonly clock: Clock
  readonly lines: Lines
  /** Whom it goes to, in words. */
  readonly label: string
  readonly request: Dispatcher.DispatchOptions
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

/** One try: sends the request and resolves when the whole reply came or cannot come any more. Never rejects. */
export function send(order: Order): Promise<Result> {
  return new Promise((resolve) => {
    new Try(order, resolve).start()
  })
}

/** An object of its own for each try, because undici wants one; it is also the line's caller and owns the timer. */
class Try implements Dispatcher.DispatchHandler, Caller {
  readonly #order: Order
  readonly #resolve: (result: Result) => void
  readonly #startedAt: number
  readonly #endsAt: number
  /** What the timer was set to. */
  #limitMs: number
  #timer: NodeJS.Timeout | undefined
  #line: Line | undefined
  #controller: Dispatcher.DispatchController | undefined
  /** The connection, if it was made for this try. */
  #made: Connection | undefined
  #sentAt = NaN
  #firstByteAt = NaN
  #status = 0
  #headers: readonly string[] = []
  #chunk: Buffer | undefined
  #chunks: Buffer[] | undefined
  #resent = false
  #isLate = false
  /** Nobody waits for the result any more. */
  isOver = false

  constructor(order: Order, resolve: (result: Result) => void) {
    this.#order = order
    this.#resolve = resolve
    this.#startedAt = order.clock.mono()
    this.#limitMs = order.timeoutMs
    this.#endsAt = this.#startedAt + order.timeoutMs
  }

  start(): void {
    this.#timer = setTimeout(onTimer, this.#order.timeoutMs, this)
    this.#order.lines.take(this)
  }

  onLine(line: Line): void {
    const { clock, connectTimeoutMs, request } = this.#order
    this.#line = line
    // One millisecond less than the whole: a dial that runs out of time knows best what it was waiting for.
    line.dialMs = Math.max(1, Math.min(connectTimeoutMs, this.#endsAt - clock.mono() - 1))
    line.dispatch(request, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isOver) {
      controller.abort(abandoned)
      return
    }
    this.#controller = controller
    this.#made = this.#line?.served === 0 ? this.#line.connection : undefined
    this.#line?.expectReply()
    this.#sentAt = this.#order.clock.mono()
    const { responseTimeoutMs } = this.#order
    if (responseTimeoutMs !== undefined && this.#sentAt + responseTimeoutMs < this.#endsAt) {
      this.#limitMs = responseTimeoutMs
      clearTimeout(this.#timer)
      this.#timer = setTimeout(onTimer, responseTimeoutMs, this)
    }
  }

  onResponseStarted(): void {
    if (Number.isNaN(this.#firstByteAt)) this.#firstByteAt = this.#order.clock.mono()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return // 102, 103: the reply is still to come
    this.#status = status
    const raw = controller.rawHeaders as Buffer[]
    if (raw.length > 2 * MOST_REPLY_HEADERS) {
      controller.abort(
        new FailureError({
          outcome: 'too_large',
          error: `the reply of ${this.#peer()} has too many headers`,
        }),
      )
      return
    }
    this.#headers = replyHeaders(raw)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#chunk === undefined) this.#chunk = chunk
    else (this.#chunks ??= [this.#chunk]).push(chunk)
  }

  onResponseEnd(): void {
    const line = this.#line
    if (line === undefined) return
    if (line.isBroken) {
      this.#order.lines.discard(line)
      this.#fail({
        outcome: 'reset',
        error: `${this.#peer()} closed the connection in the middle of its reply`,
      })
      return
    }
    line.served += 1
    const status = this.#status
    const outcome = outcomeOfStatus(status)
    const body = this.#chunks === undefined ? (this.#chunk ?? NOTHING) : Buffer.concat(this.#chunks)
    this.#end(outcome, outcome === 'ok' ? '' : errorOfStatus(status), {
      status,
      headers: this.#headers,
      body,
    })
    this.#order.lines.give(line)
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const line = this.#line
    if (line === undefined) return
    if (this.#mayResend(line, error)) {
      this.#resent = true
      this.#controller = undefined
      this.onLine(this.#order.lines.replace(line))
      return
    }
    this.#order.lines.discard(line)
    this.#fail(exchangeFailure(error, this.#peer(), { hasHead: this.#status !== 0, isClosed: line.isClosed }))
  }

  /** The target had closed an idle connection just when we wrote to it: no reply byte came, so it is sent once more. */
  #mayResend(line: Line, error: Error): boolean {
    if (this.isOver || this.#resent || line.served === 0 || !isClosed(error)) return false
    const wasWritten = this.#controller !== undefined
    if (wasWritten && line.hasReplyBytes) return false
    return this.#order.clock.mono() < this.#endsAt
  }

  onTimer(): void {
    if (this.isOver) {
      this.#controller?.abort(abandoned)
      return
    }
    const failure = this.#timeoutFailure()
    const lateMs =
      failure.outcome === 'timeout_response' && this.#controller !== undefined
        ? (this.#order.late?.begin() ?? 0)
        : 0
    if (lateMs > 0) {
      this.#end(failure.outcome, failure.error, undefined)
      this.#isLate = true
      this.#timer = setTimeout(onTimer, lateMs, this)
      return
    }
    this.#fail(failure)
    this.#controller?.abort(abandoned)
  }

  #timeoutFailure(): Failure {
    const ms = Math.round(this.#limitMs)
    if (this.#line === undefined) {
      return {
        outcome: 'timeout_response',
        error: `no free connection to ${this.#peer()} within ${ms} ms: all wait for replies`,
      }
    }
    if (this.#controller === undefined) {
      return { outcome: 'timeout_connect', error: `no connection to ${this.#peer()} within ${ms} ms` }
    }
    const what = this.#status === 0 ? 'no reply' : 'no complete reply'
    return { outcome: 'timeout_response', error: `${what} from ${this.#peer()} within ${ms} ms` }
  }

  #fail(failure: Failure): void {
    this.#end(failure.outcome, failure.error, undefined)
  }

  #end(outcome: Outcome, error: string, reply: Reply | undefined): void {
    if (this.isOver && !this.#isLate) return
    clearTimeout(this.#timer)
    const result = {
      outcome,
      error,
      phases: this.#phases(),
      status: this.#status,
      resent: this.#resent,
      reply,
    }
    if (this.#isLate) {
      this.#isLate = false
      this.#order.late?.end(reply === undefined ? undefined : result)
      return
    }
    this.isOver = true
    this.#resolve(result)
  }

  #phases(): Phases {
    const connection = this.#made
    return {
      dns: connection?.dnsMs ?? NaN,
      connect: connection?.connectMs ?? NaN,
      tls: connection?.tlsMs ?? NaN,
      firstByte: this.#firstByteAt - this.#sentAt,
      total: this.#order.clock.mono() - this.#startedAt,
    }
  }

  #peer(): string {
    return this.#line?.connection?.peer ?? this.#order.label
  }
}

/** One function for all timers, so that none needs a closure. */
function onTimer(attempt: Try): void {
  attempt.onTimer()
}

const abandoned = new FailureError({ outcome: 'timeout_response', error: 'given up' })

function errorOfStatus(status: number): string {
  return status >= 300 && status < 400
    ? `answered ${status}; redirects are not followed`
    : `answered ${status}`
}
