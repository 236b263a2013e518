import type { Answer } from '../callback/answer.ts'
import type { Reply } from '../callback/attempt.ts'
import type { Clock } from '../clock.ts'
import type { Carrier } from '../forward/carrier.ts'
import type { Errand, Result } from '../forward/send.ts'
import type { Helper } from '../pipeline.ts'
import type { Verification } from '../verify/verifier.ts'
import type { Link } from './link.ts'
import type { Handed, OwnerSays } from './messages.ts'

/** A try that the worker has not ended by itself this long after its time was up is ended here, milliseconds. */
const OVERDUE_MS = 100

/** The worker that holds a callback, as its owner sees it. */
export interface Holder {
  readonly clock: Clock
  readonly link: Link<OwnerSays>
  readonly isGone: boolean
  /** It did not end a try in time. */
  overdue(): void
}

/** A callback that a worker handed over: while its passage is under way the worker makes its tries, and then answers it. */
export class HandedCallback implements Helper, Carrier {
  readonly #holder: Holder
  readonly #number: number
  readonly verification: Verification | undefined
  readonly contentHash: string
  readonly carrier: Carrier = this
  /** Number of the last errand. */
  #errand = 0
  #startedAt = 0
  #timer: NodeJS.Timeout | undefined
  #resolve: ((result: Result) => void) | undefined
  #reply: Reply | undefined

  /** @param verification what the worker found, where that counts */
  constructor(holder: Holder, { callback, contentHash }: Handed, verification: Verification | undefined) {
    this.#holder = holder
    this.#number = callback
    this.verification = verification
    this.contentHash = contentHash
  }

  get isGone(): boolean {
    return this.#holder.isGone
  }

  carry({ origin, request, timeoutMs, connectTimeoutMs, responseTimeoutMs }: Errand): Promise<Result> {
    const { method, path, host, lines, body } = request
    this.#startedAt = this.#holder.clock.mono()
    this.#holder.link.say({
      kind: 'errand',
      callback: this.#number,
      errand: ++this.#errand,
      origin,
      request: { method, path, host, lines },
      hasBody: body.length > 0,
      endsAt: this.#startedAt + timeoutMs,
      connectTimeoutMs,
      responseTimeoutMs,
    })
    this.#timer = setTimeout(onOverdue, timeoutMs + OVERDUE_MS, this)
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** How a try ended; one that was given up before is history. */
  ended(errand: number, result: Result): void {
    if (errand !== this.#errand || this.#resolve === undefined) return
    clearTimeout(this.#timer)
    this.#reply = result.reply
    this.#resolve(result)
    this.#resolve = undefined
  }

  /** How the try ended nobody will ever know. */
  cutOff(error: string): void {
    if (this.#resolve === undefined) return
    const total = this.#holder.clock.mono() - this.#startedAt
    const phases = { dns: NaN, connect: NaN, tls: NaN, firstByte: NaN, total }
    this.ended(this.#errand, {
      outcome: 'unknown',
      error,
      phases,
      status: 0,
      resent: false,
      reply: undefined,
    })
  }

  /** The worker should have ended the try by itself. */
  overdue(): void {
    this.cutOff('cut off: the worker process that made the request did not tell how it ended')
    this.#holder.overdue()
  }

  /** Most answers are the reply that the worker has just read: those bytes need not travel back. */
  answer(answer: Answer): void {
    const { status, headers, body } = answer
    const isReply = headers === this.#reply?.headers && body === this.#reply.body
    this.#holder.link.say({
      kind: 'answer',
      callback: this.#number,
      status,
      answer: isReply ? undefined : answer,
    })
  }
}

function onOverdue(handed: HandedCallback): void {
  handed.overdue()
}
