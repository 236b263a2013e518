import type { IncomingMessage } from 'node:http'

import { GatheredBytes } from '../callback/gathered-bytes.ts'

const NO_BODY = new Uint8Array()
/** So much of each body is not counted while it arrives: what nearly every callback is smaller than. */
const UNCOUNTED_BYTES = 16_384

/**
 * The bytes; or why there are none: more of them than allowed, no room for more now, in countless tiny pieces, or the sender
 * went away.
 */
export type BodyOutcome = Uint8Array | 'too_large' | 'overloaded' | 'crumbled' | 'aborted'

export interface BodyLimits {
  readonly maxBytes: number
  /** Told of more bytes that are held; false when they are too many together with those of others. */
  readonly grow: (bytes: number) => boolean
}

/**
 * Gathers a request's body, up to the limit; `done` is called exactly once, with how many bytes `grow` was told of.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, grow }: BodyLimits,
  done: (outcome: BodyOutcome, grown: number) => void,
): void {
  let first: Buffer | undefined
  let all: GatheredBytes | undefined
  let bytes = 0
  let grown = 0
  let isDone = false
  const finish = (outcome: BodyOutcome): void => {
    if (isDone) return
    isDone = true
    first = undefined
    all = undefined
    done(outcome, grown)
  }
  const hasRoom = (): boolean => {
    const more = bytes - UNCOUNTED_BYTES - grown
    if (more <= 0) return true
    grown += more
    return grow(more)
  }
  request.on('data', (chunk: Buffer) => {
    if (isDone) return
    bytes += chunk.length
    if (bytes > maxBytes) finish('too_large')
    else if (!hasRoom()) finish('overloaded')
    else if (first === undefined) first = chunk
    else {
      if (all === undefined) {
        all = new GatheredBytes()
        all.add(first)
      }
      all.add(chunk)
      if (all.isCrumbled) finish('crumbled')
    }
  })
  request.on('end', () => finish(all?.all() ?? first ?? NO_BODY))
  // A request that breaks off closes; Node emits no 'error' on it while nobody listens for one.
  request.on('close', () => finish('aborted'))
}
