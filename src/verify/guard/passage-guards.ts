import { type Answer, contentTypeOf } from '../../callback/answer.ts'
import type { Exchange } from '../../callback/callback.ts'
import type { Kind } from '../../callback/kind.ts'
import { identityOfContent } from '../content-hash.ts'
import type { Admission, Admitted, ReplayGuard, Settlement } from './replay-guard.ts'

/** The two memories of what came before. */
export interface Guards {
  /** Knows signed requests by what was signed. */
  readonly guard: ReplayGuard
  /** Knows events of calls by their content: the provider signs its own retries afresh. */
  readonly repeats: ReplayGuard
}

/** What the guards know of one callback, and what they wait to hear of it: on every path they must be told its end. */
export class PassageGuards {
  readonly #guards: Guards
  #signed: Admitted | undefined
  #content: Admitted | undefined

  constructor(guards: Guards) {
    this.#guards = guards
  }

  /** Undefined where nothing of the request says who it is. */
  admitSigned(
    guardKey: string,
    request: { readonly contentHash: string; readonly id: string; readonly at: number },
  ): Admission | undefined {
    if (guardKey === '') return undefined
    const admission = this.#guards.guard.admit(guardKey, request.contentHash, request.id, request.at)
    if (admission.kind === 'new' || admission.kind === 'again') this.#signed = this.#guards.guard.admitted
    return admission
  }

  /** Undefined where two events that read alike may still be two. */
  admitContent({ kind, route, facts, bodyHash, callback }: Exchange): Admission | undefined {
    if (kind !== 'notify') return undefined
    const key = identityOfContent({
      route: route.id,
      call_id: facts.callId,
      event: facts.event,
      body_hash: bodyHash,
    })
    if (key === '') return undefined
    const admission = this.#guards.repeats.admit(key, bodyHash, callback.id, callback.receivedAt)
    if (admission.kind === 'new' || admission.kind === 'again') this.#content = this.#guards.repeats.admitted
    return admission
  }

  /** What was not delivered is tried again when it is repeated. */
  settle(answer: Answer, delivered: boolean, kind: Kind = 'notify'): void {
    const { status, body } = answer
    const alone: Settlement = { status, contentType: '', body: undefined, delivered }
    if (this.#content !== undefined) this.#guards.repeats.settle(this.#content, alone)
    if (this.#signed === undefined) return
    // Of a notify callback only the status matters: a body for every one of them would fill the memory.
    const told = kind === 'xml' ? { ...alone, contentType: contentTypeOf(answer), body } : alone
    this.#guards.guard.settle(this.#signed, told)
  }
}
