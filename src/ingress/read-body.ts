import type { IncomingMessage } from 'node:http'

const NO_BODY = new Uint8Array()

/** The bytes; or why there are none: more of them than allowed, or the sender went away. */
export type BodyOutcome = Uint8Array | 'too_large' | 'aborted'

/** Gathers a request's body, up to the limit; `done` is called exactly once. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (outcome: BodyOutcome) => void,
): void {
  let first: Buffer | undefined
  let all: Buffer[] | undefined
  let bytes = 0
  let isDone = false
  const finish = (outcome: BodyOutcome): void => {
    if (isDone) return
    isDone = true
    done(outcome)
  }
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) finish('too_large')
    else if (first === undefined) first = chunk
    else if (all === undefined) all = [first, chunk]
    else all.push(chunk)
  })
  request.on('end', () => finish(all === undefined ? (first ?? NO_BODY) : Buffer.concat(all)))
  // A request that breaks off closes; Node emits no 'error' on it while nobody listens for one.
  request.on('close', () => finish('aborted'))
}
