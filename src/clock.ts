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
