import type { Attempt, RefusalReason, Reply } from './attempt.ts'
import type { Exchange } from './callback.ts'
import type { Kind } from './kind.ts'
import type { StaticReply } from './route.ts'

/** What the provider is told. */
export type Answer = Reply

const NOTHING = new Uint8Array()
const utf8 = new TextEncoder()
const problemHeaders = ['Content-Type', 'application/problem+json']

/** An empty 200: all that a notify callback asks for. */
export const accepted: Answer = { status: 200, headers: [], body: NOTHING }

/** A short problem document (RFC 9457); tells the sender nothing that a stranger should not know. */
export function problem(status: number, title: string): Answer {
  return {
    status,
    headers: problemHeaders,
    body: utf8.encode(`{"status":${status},"title":${JSON.stringify(title)}}`),
  }
}

/** A 503 for what is too much just now and may be sent again. */
export function overload(title: string): Answer {
  return withHeader(problem(503, title), 'Retry-After', '1')
}

export function withHeader(answer: Answer, name: string, value: string): Answer {
  return { ...answer, headers: [...answer.headers, name, value] }
}

/** The handler's reply as the provider gets it. To the provider success is exactly 200, whatever 2xx the handler said. */
export function answerOfSuccess(attempt: Attempt): Answer {
  const { reply } = attempt
  if (reply === undefined) return accepted
  return { status: 200, headers: reply.headers, body: reply.body }
}

const nothingToDo: StaticReply = { contentType: 'application/xml', body: '<Response></Response>' }

/**
 * The document that stands in for a handler's answer, on a route that has one. The action of a recording runs beside
 * the call and the sound of a conference is only to be heard: there any instruction but none would do harm.
 */
export function standInOf({ route, facts }: Exchange): StaticReply | undefined {
  if (route.staticReply === undefined) return undefined
  const isAside = facts.event === 'Record' || facts.event === 'ConferenceRemoteSounds'
  return isAside ? nothingToDo : route.staticReply
}

/**
 * The honest error when no target took the callback: the last handler's own error document, or 504 when the time
 * was up and 502 when no complete reply came. An xml callback gets its route's static document instead, if it has one.
 */
export function answerOfFailure(
  attempts: readonly Attempt[],
  kind: Kind,
  staticReply: StaticReply | undefined,
): Answer {
  if (kind === 'xml' && staticReply !== undefined) {
    return {
      status: 200,
      headers: ['Content-Type', staticReply.contentType],
      body: utf8.encode(staticReply.body),
    }
  }
  const last = attempts.at(-1)
  if (last?.reply !== undefined && last.status >= 400) {
    return { status: last.status, headers: last.reply.headers, body: last.reply.body }
  }
  const ranOut = last?.outcome === 'timeout_response' || last?.outcome === 'timeout_connect'
  return ranOut
    ? problem(504, 'the handler did not answer in time')
    : problem(502, 'no handler took the callback')
}

const unsigned = problem(401, 'the request is not signed properly')
const unknown = problem(404, 'no route takes this callback')
const full = overload('too many signed requests are remembered')
const locked = withHeader(
  problem(401, 'user and password are needed'),
  'WWW-Authenticate',
  'Basic realm="callbacks"',
)

/** What a sender is told that was not let in. Why a signature failed is for the log, not for the sender. */
export function answerOfRefusal(reason: RefusalReason): Answer {
  if (reason === 'basic_auth') return locked
  if (reason === 'overloaded') return full
  return reason === 'unknown_path' ? unknown : unsigned
}

/** The media type of an answer's body, or empty. */
export function contentTypeOf({ headers }: Answer): string {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'content-type') return headers[i + 1] ?? ''
  }
  return ''
}
