import { type Answer, overload, problem, withHeader } from '../callback/answer.ts'
import type { RefusalReason } from '../callback/attempt.ts'

/** Why a request is not taken, and what it is told. */
export interface Refused {
  readonly reason: RefusalReason
  readonly answer: Answer
  readonly closeAfter: boolean
}

export const noRoute = problem(404, 'no route has this path')
export const unknownPath: Refused = {
  reason: 'unknown_path',
  answer: noRoute,
  closeAfter: false,
}
export const tooLarge: Refused = {
  reason: 'too_large',
  answer: problem(413, 'the body is too large'),
  closeAfter: true,
}
export const crumbled: Refused = {
  reason: 'malformed',
  answer: problem(400, 'the body comes in too many tiny chunks'),
  closeAfter: true,
}
export const unmetExpectation: Refused = {
  reason: 'malformed',
  answer: problem(417, 'the only expectation met is 100-continue'),
  closeAfter: true,
}
export const wrongMethod: Refused = {
  reason: 'method',
  answer: withHeader(problem(405, 'callbacks are POST or GET'), 'Allow', 'GET, POST'),
  closeAfter: true,
}
export const stranger: Refused = {
  reason: 'address',
  answer: problem(403, 'callbacks are not taken from this address'),
  closeAfter: true,
}
export const tooManyUnderWay = overload('too many callbacks are under way')
export const tooFarAhead: Refused = {
  reason: 'overloaded',
  answer: overload('too many requests wait for their answers'),
  closeAfter: true,
}
export const overloaded: Refused = {
  reason: 'overloaded',
  answer: tooManyUnderWay,
  closeAfter: true,
}

/** What a connection is told on which no request came about, by status. */
export const withoutRequest: Readonly<Record<number, Answer>> = {
  405: wrongMethod.answer,
  408: problem(408, 'the request did not arrive in time'),
  413: problem(413, 'the chunk extensions are too large'),
  431: problem(431, 'the header is too large'),
  503: overload('too many connections are open'),
}
export const notHttp = problem(400, 'the request is malformed')

export function malformed(status: number, title: string): Refused {
  return { reason: 'malformed', answer: problem(status, title), closeAfter: true }
}
