import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Answer } from '../callback/answer.ts'
import type { Scope } from '../pipeline.ts'
import type { Sender } from './peer.ts'
import type { PlainRequest } from './plain/plain-request.ts'

/** Whoever brought a request and takes its answer back. */
export interface Answerer {
  /** Called once; when the sender is gone nothing happens. */
  answer(answer: Answer, closeAfter: boolean): void
}

/** The way from a request to a Callback and from an Answer back to the socket. */
export interface Receiver {
  /**
   * Is a plain request taken here? Otherwise it is left untouched, for `receive` to refuse. A request that was admitted is
   * arriving, until it is taken or abandoned.
   *
   * @param address of the socket
   */
  admit(request: PlainRequest, address: string): Admitted | undefined
  /** Takes a request that was admitted and is complete. */
  take(admitted: Admitted, body: Uint8Array, from: Answerer): void
  /** A request that was admitted will never be complete. */
  abandon(): void
  /** Takes the request when its path belongs to a route; otherwise returns false and leaves it untouched. */
  receive(request: IncomingMessage, response: ServerResponse): boolean
  /** Refuses a request that no route claims. */
  refuseUnknown(request: IncomingMessage, response: ServerResponse): void
  /** Refuses an `Expect` that is not 100-continue. */
  refuseExpectation(request: IncomingMessage, response: ServerResponse): void
  /** Refuses a request that came too far ahead of the answers to those before it. */
  refuseAhead(request: IncomingMessage, response: ServerResponse): void
  /** Counts what the parser refused before it became a request. */
  refuseMalformed(peer: string, status: number): void
  /** From now on every answer closes its connection. */
  drain(): void
  /** Resolves when no callback is under way, at the latest after `limitMs`. */
  idle(limitMs: number): Promise<void>
}

/** A request that is taken, from its head on. */
export interface Admitted {
  readonly request: Pick<PlainRequest, 'method' | 'target' | 'headers' | 'head'>
  readonly scope: Scope
  readonly sender: Sender
  /** Wall clock and monotonic clock at its arrival, milliseconds. */
  readonly receivedAt: number
  readonly startedAt: number
}
