const MOST_WAITING = 16
const MOST_SORTS = 500
/** Of one sort, such as one route and reason: so many at once, then one each so often. */
const BURST = 3
const REFILL_MS = 2_000

/** Who may wait for an examination: few, and of each sort only now and then, so that a flood costs next to nothing. */
export interface WaitingRoom<Patient> {
  /** False, and nothing is kept, when there were enough of this sort or too many wait. */
  admit(sort: string, nowMs: number, patient: () => Patient): boolean
  next(): Patient | undefined
}

export function createWaitingRoom<Patient>(): WaitingRoom<Patient> {
  const waiting: Patient[] = []
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    admit(sort, nowMs, patient) {
      if (waiting.length >= MOST_WAITING) return false
      const bucket = buckets.get(sort) ?? { left: BURST, at: nowMs }
      const left = Math.min(BURST, bucket.left + (nowMs - bucket.at) / REFILL_MS)
      if (left < 1) return false
      buckets.delete(sort)
      buckets.set(sort, { left: left - 1, at: nowMs })
      if (buckets.size > MOST_SORTS) {
        for (const oldest of buckets.keys()) {
          buckets.delete(oldest)
          break
        }
      }
      waiting.push(patient())
      return true
    },
    next: () => waiting.shift(),
  }
}
