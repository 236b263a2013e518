import { type Answer, problem } from '../callback/answer.ts'
import type { RefusalReason } from '../callback/attempt.ts'
import type { Callback } from '../callback/callback.ts'
import { InFlight } from '../ingress/in-flight.ts'
import { noRoute, tooManyUnderWay } from '../ingress/refusals.ts'
import type { Refusal } from '../ledger/ledger.ts'
import { refusalOf } from '../pipeline/ends.ts'
import type { Scope } from '../pipeline.ts'
import { CALL_PREFIX } from '../routing/paths.ts'
import { HandedCallback } from './handed-callback.ts'
import type { Handed, PathScope } from './messages.ts'
import type { OwnerParts } from './owner-parts.ts'
import type { Worker } from './worker.ts'

/** What a worker has to know of the scope of a path. */
export function pathScope({ ring, signature, route, account }: Scope): PathScope {
  return { ring, signature, label: route?.id ?? account ?? '' }
}

const nowhere = { route: undefined, account: undefined } as const

/** The owner's end of the public port: what workers received comes in here, in one order for all of them. */
export class Entrance {
  readonly #parts: OwnerParts
  readonly #inFlight: InFlight

  constructor(parts: OwnerParts) {
    this.#parts = parts
    this.#inFlight = new InFlight(parts.orders.maxInFlight, (change) => parts.inFlight(change))
  }

  /** Callbacks that are under way. */
  get inFlight(): number {
    return this.#inFlight.count
  }

  /** @param isChecked was its signature checked under the policy in force? */
  enter(message: Handed, worker: Worker, isChecked: (scope: Scope) => boolean): void {
    const { pipeline, newId } = this.#parts
    const { arrived, head } = message
    const callback: Callback = { ...arrived, id: newId(arrived.receivedAt) }
    const scope = pipeline.scopeOf(arrived.path)
    const verification = scope !== undefined && isChecked(scope) ? message.verification : undefined
    const handed = new HandedCallback(worker, message, verification)
    const isFull = this.#inFlight.isFull(arrived.body.byteLength)
    this.#begin(message, handed, worker)
    const end = (answer: Answer): void => {
      if (!worker.isGone) handed.answer(answer)
      this.#end(message, worker)
    }
    if (scope === undefined) end(this.#refuse(callback, undefined, 'unknown_path', noRoute))
    else if (isFull) end(this.#refuse(callback, scope, 'overloaded', tooManyUnderWay))
    else {
      pipeline.handle(callback, head, scope, handed).then(end, (error: unknown) => {
        end(problem(500, 'internal error'))
        this.#parts.onOwnFailure(error)
      })
    }
  }

  /** Books what a worker refused by itself. */
  refused(refusal: Refusal): void {
    const { recorder, newId, policy } = this.#parts
    const { receivedAt, path, reason } = refusal
    const isCall = path.startsWith(CALL_PREFIX) && reason !== 'unknown_path'
    const route = isCall ? (this.callScope(path)?.label ?? '') : refusal.route
    recorder.refused({ ...refusal, id: newId(receivedAt), route }, policy().table.routeOf(route), 0)
  }

  /** What a worker has to know of a per-call URL; undefined when there is no such one. */
  callScope(path: string): PathScope | undefined {
    const scope = this.#parts.pipeline.scopeOf(path.split('?', 1)[0] ?? '')
    return scope && pathScope(scope)
  }

  /** Resolves when no callback is under way, at the latest after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    await this.#inFlight.idle(limitMs)
  }

  #refuse(callback: Callback, scope: Scope | undefined, reason: RefusalReason, answer: Answer): Answer {
    const refusal = refusalOf(callback, scope ?? nowhere, { reason, status: answer.status })
    const elapsedMs = this.#parts.clock.mono() - callback.startedAt
    this.#parts.recorder.refused(refusal, scope?.route, elapsedMs)
    return answer
  }

  #begin({ callback, arrived }: Handed, handed: HandedCallback, worker: Worker): void {
    worker.hold(callback, handed)
    this.#inFlight.enter(arrived.body.byteLength)
  }

  #end({ callback, arrived }: Handed, worker: Worker): void {
    worker.release(callback)
    this.#inFlight.leave(arrived.body.byteLength)
  }
}
