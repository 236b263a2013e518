import type { IncomingMessage, ServerResponse } from 'node:http'

import { type Answer, problem } from '../callback/answer.ts'
import type { RefusalReason } from '../callback/attempt.ts'
import type { Callback } from '../callback/callback.ts'
import type { IdMaker } from '../callback/id.ts'
import type { Clock } from '../clock.ts'
import type { Pipeline, Scope } from '../pipeline.ts'
import type { Recorder } from '../record.ts'
import type { PeerOf } from './peer.ts'
import { writeAnswer } from './reply.ts'
import { type Head, readHead } from './strict.ts'

export interface ReceiverParts {
  readonly clock: Clock
  readonly newId: IdMaker
  readonly pipeline: Pipeline
  readonly recorder: Recorder
  readonly peerOf: PeerOf
  readonly maxBodyBytes: number
  readonly maxInFlight: number
  readonly inFlight: (change: 1 | -1) => void
  /** Told of errors that are ours; the process ends on them. */
  readonly onOwnFailure: (error: unknown) => void
}

/** The way from a request to a Callback and from an Answer back to the socket. */
export interface Receiver {
  /** Takes the request when its path belongs to a route; otherwise returns false and leaves it untouched. */
  receive(request: IncomingMessage, response: ServerResponse): boolean
  /** Refuses a request that no route claims. */
  refuseUnknown(request: IncomingMessage, response: ServerResponse): void
  /** Counts what the parser refused before it became a request. */
  refuseMalformed(peer: string, status: number): void
  /** From now on every answer closes its connection. */
  drain(): void
  /** Resolves when no callback is under way. */
  idle(): Promise<void>
}

interface Refused {
  readonly reason: RefusalReason
  readonly answer: Answer
  readonly scope: Scope | undefined
  readonly closeAfter: boolean
}

const MAX_PATH_IN_ROW = 200

export function createReceiver(parts: ReceiverParts): Receiver {
  const { clock, pipeline, recorder } = parts
  let inFlight = 0
  let isDraining = false
  let waiters: (() => void)[] = []

  function refuse(request: IncomingMessage, response: ServerResponse, refused: Refused): void {
    const now = clock.wall()
    recorder.refused(
      {
        id: parts.newId(now),
        receivedAt: now,
        route: refused.scope?.route?.id ?? refused.scope?.account ?? '',
        reason: refused.reason,
        status: refused.answer.status,
        method: request.method ?? '',
        path: (request.url ?? '').slice(0, MAX_PATH_IN_ROW),
        peer: parts.peerOf(request.socket.remoteAddress ?? '', ''),
      },
      refused.scope?.route,
      0,
    )
    writeAnswer(response, refused.answer, refused.closeAfter || isDraining)
  }

  function begin(): void {
    inFlight++
    parts.inFlight(1)
  }

  function end(): void {
    inFlight--
    parts.inFlight(-1)
    if (inFlight > 0) return
    for (const wake of waiters) wake()
    waiters = []
  }

  function run(callback: Callback, head: Head, scope: Scope, response: ServerResponse): void {
    pipeline.handle(callback, head, scope).then(
      (answer) => {
        writeAnswer(response, answer, isDraining)
        end()
      },
      (error: unknown) => {
        writeAnswer(response, problem(500, 'internal error'), true)
        end()
        parts.onOwnFailure(error)
      },
    )
  }

  return {
    receive(request, response) {
      const target = request.url ?? ''
      const queryAt = target.indexOf('?')
      const path = queryAt < 0 ? target : target.slice(0, queryAt)
      const scope = pipeline.scopeOf(path)
      if (scope === undefined) return false

      const startedAt = clock.mono()
      const receivedAt = clock.wall()
      const head = readHead({
        method: request.method ?? '',
        target,
        httpVersion: request.httpVersion,
        rawHeaders: request.rawHeaders,
      })
      if ('problem' in head) {
        const answer = problem(head.status, head.problem)
        refuse(request, response, { reason: 'malformed', answer, scope, closeAfter: true })
        return true
      }
      const refused = refusalOf(request, head, scope)
      if (refused !== undefined) {
        refuse(request, response, refused)
        return true
      }

      begin()
      readBody(request, parts.maxBodyBytes, (outcome) => {
        if (outcome === 'aborted') {
          end() // the sender went away before its request was complete: there is nobody to answer
          return
        }
        if (outcome === 'too_large') {
          end()
          refuse(request, response, tooLarge(scope))
          return
        }
        const callback: Callback = {
          id: parts.newId(receivedAt),
          receivedAt,
          startedAt,
          method: request.method === 'GET' ? 'GET' : 'POST',
          path,
          query: queryAt < 0 ? '' : target.slice(queryAt),
          rawHeaders: request.rawHeaders,
          body: outcome,
          peer: parts.peerOf(request.socket.remoteAddress ?? '', head.forwardedFor),
        }
        run(callback, head, scope, response)
      })
      return true
    },
    refuseUnknown(request, response) {
      refuse(request, response, {
        reason: 'unknown_path',
        answer: problem(404, 'no route has this path'),
        scope: undefined,
        closeAfter: false,
      })
      request.resume()
    },
    refuseMalformed(peer, status) {
      const now = clock.wall()
      recorder.refused(
        {
          id: parts.newId(now),
          receivedAt: now,
          route: '',
          reason: status === 413 ? 'too_large' : 'malformed',
          status,
          method: '',
          path: '',
          peer: parts.peerOf(peer, ''),
        },
        undefined,
        0,
      )
    },
    drain() {
      isDraining = true
    },
    idle: () =>
      new Promise((resolve) => {
        if (inFlight === 0) resolve()
        else waiters.push(resolve)
      }),
  }

  /** What is wrong with a request before its body is read; undefined when nothing is. */
  function refusalOf(request: IncomingMessage, head: Head, scope: Scope): Refused | undefined {
    if (request.method !== 'POST' && request.method !== 'GET') {
      const answer = problem(405, 'callbacks are POST or GET')
      return {
        reason: 'method',
        answer: { ...answer, headers: [...answer.headers, 'Allow', 'GET, POST'] },
        scope,
        closeAfter: true,
      }
    }
    if (head.contentLength > parts.maxBodyBytes) return tooLarge(scope)
    if (inFlight >= parts.maxInFlight) {
      const answer = problem(503, 'too many callbacks are under way')
      return {
        reason: 'overloaded',
        answer: { ...answer, headers: [...answer.headers, 'Retry-After', '1'] },
        scope,
        closeAfter: true,
      }
    }
    return undefined
  }
}

function tooLarge(scope: Scope): Refused {
  return { reason: 'too_large', answer: problem(413, 'the body is too large'), scope, closeAfter: true }
}

const NO_BODY = new Uint8Array()

/** Gathers the body, up to the limit; `done` is called exactly once. */
function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (outcome: Uint8Array | 'too_large' | 'aborted') => void,
): void {
  let first: Buffer | undefined
  let rest: Buffer[] | undefined
  let bytes = 0
  let isDone = false
  const finish = (outcome: Uint8Array | 'too_large' | 'aborted'): void => {
    if (isDone) return
    isDone = true
    done(outcome)
  }
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) {
      finish('too_large')
      return
    }
    if (first === undefined) first = chunk
    else if (rest === undefined) rest = [first, chunk]
    else rest.push(chunk)
  })
  request.on('end', () => {
    finish(rest === undefined ? (first ?? NO_BODY) : Buffer.concat(rest))
  })
  request.on('error', () => {
    finish('aborted')
  })
  request.on('close', () => {
    finish('aborted')
  })
}
