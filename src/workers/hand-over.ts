import type { Answer } from '../callback/answer.ts'
import type { Reply } from '../callback/attempt.ts'
import type { Callback } from '../callback/callback.ts'
import type { Clock } from '../clock.ts'
import type { Carrier } from '../forward/carrier.ts'
import type { HeadFacts, Pipeline, Scope } from '../pipeline.ts'
import { MAX_PATH_IN_ROW } from '../ingress/receive.ts'
import { noRoute } from '../ingress/refusals.ts'
import { CALL_PREFIX } from '../routing/paths.ts'
import { hashContent } from '../verify/content-hash.ts'
import type { CallScopes } from './call-scopes.ts'
import type { Link } from './link.ts'
import type { OwnerSays, SentErrand, WorkerSays } from './messages.ts'
import type { TakenPolicy } from './taken-policy.ts'

export interface HandOverParts {
  readonly clock: Clock
  readonly link: Link<WorkerSays>
  readonly calls: CallScopes
  readonly carrier: Carrier
  readonly policy: () => TakenPolicy
}

/** A callback whose answer is the owner's to find. */
interface Held {
  readonly body: Uint8Array
  readonly resolve: (answer: Answer) => void
  /** Number of the last errand, and the reply to it. */
  errand: number
  reply: Reply | undefined
}

const NOTHING = new Uint8Array()

/** Whose keys verify a callback, and how strictly. */
type Keys = Pick<Scope, 'ring' | 'signature'>

/** Stands for a per-call URL before the owner was asked what it is. */
const someCall: Scope = {
  kind: 'call',
  account: undefined,
  ring: '',
  signature: 'enforce',
  basicAuth: undefined,
  route: undefined,
}

/**
 * What stands in a worker in the place of the pipeline: does what needs only the bytes of one callback, hands it to the
 * owner, makes the tries that the owner asks for, and waits for the answer. Decides nothing.
 */
export class HandOver implements Pipeline {
  readonly #parts: HandOverParts
  readonly #held = new Map<number, Held>()
  #last = 0

  constructor(parts: HandOverParts) {
    this.#parts = parts
  }

  scopeOf(path: string): Scope | undefined {
    const { paths } = this.#parts.policy()
    return path.startsWith(CALL_PREFIX) ? someCall : paths.find(path)
  }

  handle(callback: Callback, head: HeadFacts, scope: Scope): Promise<Answer> {
    return scope === someCall ? this.#handCall(callback, head) : this.#hand(callback, head, scope)
  }

  async #handCall(callback: Callback, head: HeadFacts): Promise<Answer> {
    const scope = await this.#parts.calls.of(callback.path)
    if (scope !== undefined) return this.#hand(callback, head, scope)
    const { id, receivedAt, method, peer } = callback
    const path = (callback.path + callback.query).slice(0, MAX_PATH_IN_ROW)
    const what = { route: '', reason: 'unknown_path', status: noRoute.status } as const
    this.#parts.link.say({ kind: 'refused', refusal: { id, receivedAt, ...what, method, path, peer } })
    return noRoute
  }

  #hand(callback: Callback, head: HeadFacts, { ring, signature }: Keys): Promise<Answer> {
    const { policy, link } = this.#parts
    const { number, verifiers, publicBase } = policy()
    const { method, path, headers, body, receivedAt } = callback
    const verify = signature === 'off' ? undefined : verifiers.get(ring)
    this.#last += 1
    link.say({
      kind: 'callback',
      callback: this.#last,
      arrived: callback,
      head,
      policy: number,
      ring,
      verification: verify?.({ method, baseUrl: publicBase + path, headers, body }, receivedAt),
      contentHash: hashContent(callback),
    })
    return new Promise((resolve) => {
      this.#held.set(this.#last, { body, resolve, errand: 0, reply: undefined })
    })
  }

  /** The owner wants a try to be made. */
  run({ callback, errand, endsAt, hasBody, request, origin, ...times }: SentErrand): void {
    const { carrier, clock, link } = this.#parts
    const held = this.#held.get(callback)
    if (held === undefined) return
    held.errand = errand
    held.reply = undefined
    const order = {
      ...times,
      origin,
      request: { ...request, body: hasBody ? held.body : NOTHING },
      timeoutMs: Math.max(0, endsAt - clock.mono()),
      late: undefined,
    }
    void carrier.carry(order).then((result) => {
      if (held.errand === errand) held.reply = result.reply
      link.say({ kind: 'result', callback, errand, result })
    })
  }

  /** The owner has decided. */
  answer({ callback, status, answer }: Extract<OwnerSays, { kind: 'answer' }>): void {
    const held = this.#held.get(callback)
    this.#held.delete(callback)
    const { headers, body } = answer ?? held?.reply ?? { headers: [], body: NOTHING }
    held?.resolve({ status, headers, body })
  }
}
