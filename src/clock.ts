import { hrtime } from 'node:process'

/** Where time comes from. Tests hold it still. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch; may jump. For timestamps and due times. */
  wall(): number
  /** Monotonic clock, milliseconds; never jumps. For deadlines and durations. */
  mono(): number
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
}

/**
 * Where `mono` of this process begins on the monotonic clock that all processes of the machine share, milliseconds: by
 * the difference of two origins, one process reads the moments of another.
 */
export function monoOrigin(): number {
  return Number(hrtime.bigint()) / 1e6 - performance.now()
}
