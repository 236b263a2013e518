import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Answer, problem } from '../callback/answer.ts'
import type { Callback } from '../callback/callback.ts'
import { headerTextOf } from '../callback/header-text.ts'
import type { IdMaker } from '../callback/id.ts'
import type { Clock } from '../clock.ts'
import type { Pipeline, Scope } from '../pipeline.ts'
import type { Refusal } from '../ledger/ledger.ts'
import type { Recorder } from '../record.ts'
import { TurnEnd } from '../turn-end.ts'
import { InFlight, type InFlightLimits } from './in-flight.ts'
import type { IsProvider, SenderOf } from './peer.ts'
import type { PlainRequest } from './plain/plain-request.ts'
import { NodeAnswerer, writeAnswer } from './reply.ts'
import { readBody } from './read-body.ts'
import type { Admitted, Answerer, Receiver } from './receiver.ts'
import {
  crumbled,
  malformed,
  overloaded,
  type Refused,
  stranger,
  tooFarAhead,
  tooLarge,
  unknownPath,
  unmetExpectation,
  wrongMethod,
} from './refusals.ts'
import { type Head, readHead } from './strict.ts'

export interface ReceiverParts {
  readonly clock: Clock
  readonly newId: IdMaker
  readonly pipeline: Pipeline
  readonly recorder: Pick<Recorder, 'refused'>
  readonly senderOf: SenderOf
  readonly isProvider: IsProvider
  readonly maxBodyBytes: number
  readonly maxInFlight: InFlightLimits
  readonly inFlight: (change: 1 | -1) => void
  /** Told of errors that are ours; the process ends on them. */
  readonly onOwnFailure: (error: unknown) => void
}

/** A complete request that waits for the end of the turn. */
interface Arrived {
  readonly callback: Callback
  readonly head: Head
  readonly scope: Scope
  readonly from: Answerer
}

/** An answer that waits for the end of the turn. */
interface Ready {
  readonly from: Answerer
  readonly answer: Answer
  /** Of the callback's body. */
  readonly bytes: number
}

export const MAX_PATH_IN_ROW = 200

export function createReceiver(parts: ReceiverParts): Receiver {
  return new CallbackReceiver(parts)
}

class CallbackReceiver implements Receiver {
  readonly #parts: ReceiverParts
  readonly #inFlight: InFlight
  #isDraining = false
  readonly #arrived = new TurnEnd<Arrived>('work', (arrived) => this.#run(arrived))
  readonly #answers = new TurnEnd<Ready>('write', ({ from, answer, bytes }) => {
    from.answer(answer, this.#isDraining)
    this.#inFlight.leave(bytes)
  })

  constructor(parts: ReceiverParts) {
    this.#parts = parts
    this.#inFlight = new InFlight(parts.maxInFlight, parts.inFlight)
  }

  admit(request: PlainRequest, address: string): Admitted | undefined {
    const { clock, pipeline, senderOf } = this.#parts
    const { method, target, head } = request
    const scope = pipeline.scopeOf(pathOf(target))
    if (scope === undefined) return undefined
    const sender = senderOf(address, head.forwardedFor)
    if (this.#refusalOf(method, head, sender.peer) !== undefined) return undefined
    this.#inFlight.begin()
    return { request, scope, sender, receivedAt: clock.wall(), startedAt: clock.mono() }
  }

  take(admitted: Admitted, body: Uint8Array, from: Answerer): void {
    this.#inFlight.ended()
    this.#enter(admitted, body, from)
  }

  #enter(admitted: Admitted, body: Uint8Array, from: Answerer): void {
    if (this.#inFlight.isFull(body.byteLength)) {
      this.#refuseAdmitted(admitted, from)
      return
    }
    this.#inFlight.enter(body.byteLength)
    const { request, scope, sender, receivedAt, startedAt } = admitted
    const { method, target, headers, head } = request
    const path = pathOf(target)
    const callback: Callback = {
      id: this.#parts.newId(receivedAt),
      receivedAt,
      startedAt,
      method,
      path,
      query: target.slice(path.length),
      headers,
      body,
      peer: sender.peer,
      proxies: sender.proxies,
    }
    this.#arrived.add({ callback, head, scope, from })
  }

  abandon(): void {
    this.#inFlight.ended() // there is nobody to answer
  }

  receive(request: IncomingMessage, response: ServerResponse): boolean {
    const { clock, pipeline, senderOf, maxBodyBytes } = this.#parts
    const { url: target = '', httpVersion, method } = request
    const scope = pipeline.scopeOf(pathOf(target))
    if (scope === undefined) return false

    const startedAt = clock.mono()
    const receivedAt = clock.wall()
    const headers = headerTextOf(request.rawHeaders)
    const head = readHead({ target, httpVersion, headers })
    const sender = senderOf(request.socket.remoteAddress ?? '', 'problem' in head ? '' : head.forwardedFor)
    const refused =
      'problem' in head ? malformed(head.status, head.problem) : this.#refusalOf(method, head, sender.peer)
    if (refused !== undefined || 'problem' in head) {
      this.#refuse(request, response, refused ?? tooLarge, scope)
      return true
    }
    this.#inFlight.begin()
    const plain = { method: method === 'GET' ? 'GET' : 'POST', target, headers, head } as const
    const admitted: Admitted = { request: plain, scope, sender, receivedAt, startedAt }
    const grow = (bytes: number): boolean => this.#inFlight.grow(bytes)
    readBody(request, { maxBytes: maxBodyBytes, grow }, (body, grown) => {
      this.#inFlight.ended(grown)
      if (body === 'aborted') return // there is nobody to answer
      if (body === 'too_large') this.#refuse(request, response, tooLarge, scope)
      else if (body === 'overloaded') this.#refuse(request, response, overloaded, scope)
      else if (body === 'crumbled') this.#refuse(request, response, crumbled, scope)
      else this.#enter(admitted, body, new NodeAnswerer(response))
    })
    return true
  }

  refuseUnknown(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, unknownPath, undefined)
    request.resume()
  }

  refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, unmetExpectation, undefined)
  }

  refuseAhead(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, tooFarAhead, undefined)
  }

  refuseMalformed(peer: string, status: number): void {
    const reason = ({ 413: 'too_large', 503: 'overloaded' } as const)[status] ?? 'malformed'
    this.#record(
      { reason, status, method: '', path: '', peer: this.#parts.senderOf(peer, '').peer },
      undefined,
    )
  }

  drain(): void {
    this.#isDraining = true
  }

  async idle(limitMs: number): Promise<void> {
    await this.#inFlight.idle(limitMs)
  }

  #run({ callback, head, scope, from }: Arrived): void {
    const bytes = callback.body.byteLength
    this.#parts.pipeline.handle(callback, head, scope).then(
      (answer) => this.#answers.add({ from, answer, bytes }),
      (error: unknown) => {
        from.answer(problem(500, 'internal error'), true)
        this.#inFlight.leave(bytes)
        this.#parts.onOwnFailure(error)
      },
    )
  }

  /** What is wrong with a request before its body is read; undefined when nothing is. */
  #refusalOf(method: string | undefined, head: Head, peer: string): Refused | undefined {
    if (!this.#parts.isProvider(peer)) return stranger
    if (method !== 'POST' && method !== 'GET') return wrongMethod
    if (head.contentLength > this.#parts.maxBodyBytes) return tooLarge
    return this.#inFlight.isFull(Math.max(0, head.contentLength)) ? overloaded : undefined
  }

  /** There was room when its head came, and is none now that it is complete. */
  #refuseAdmitted({ request, scope, sender }: Admitted, from: Answerer): void {
    const { reason, answer } = overloaded
    const path = request.target.slice(0, MAX_PATH_IN_ROW)
    this.#record({ reason, status: answer.status, method: request.method, path, peer: sender.peer }, scope)
    from.answer(answer, overloaded.closeAfter)
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    refused: Refused,
    scope: Scope | undefined,
  ): void {
    const { method = '', url = '' } = request
    const forwardedFor = String(request.headers['x-forwarded-for'] ?? '')
    const { peer } = this.#parts.senderOf(request.socket.remoteAddress ?? '', forwardedFor)
    const { status } = refused.answer
    this.#record({ reason: refused.reason, status, method, path: url.slice(0, MAX_PATH_IN_ROW), peer }, scope)
    writeAnswer(response, refused.answer, refused.closeAfter || this.#isDraining)
  }

  #record(
    refusal: Pick<Refusal, 'reason' | 'status' | 'method' | 'path' | 'peer'>,
    scope: Scope | undefined,
  ): void {
    const receivedAt = this.#parts.clock.wall()
    const route = scope?.route?.id ?? scope?.account ?? ''
    this.#parts.recorder.refused(
      { id: this.#parts.newId(receivedAt), receivedAt, route, ...refusal },
      scope?.route,
      0,
    )
  }
}

/** Without the query. */
function pathOf(target: string): string {
  const queryAt = target.indexOf('?')
  return queryAt === -1 ? target : target.slice(0, queryAt)
}
