/*
 * A histogram of durations that can be added up over minutes, hours and routes. Bounds grow by a fifth, so a quantile
 * is at most 20 % off. Kept as bytes: pairs of bucket and count, empty buckets left out.
 */

const GROWTH = 1.2
const LOG_GROWTH = Math.log(GROWTH)
/** Bucket 0 ends at 1 ms; the last one has no end and begins above 90 s. */
export const BUCKETS = 64

export type Latency = Uint32Array

export function emptyLatency(): Latency {
  return new Uint32Array(BUCKETS)
}

/** Counts one duration, milliseconds. What is not a duration is not counted. */
export function addLatency(latency: Latency, ms: number): void {
  if (!(ms >= 0)) return
  const bucket = ms <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / LOG_GROWTH))
  latency[bucket] = (latency[bucket] ?? 0) + 1
}

/** Adds the counts of an encoded histogram to another. */
export function mergeLatency(into: Latency, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 5 <= bytes.length; at += 5) {
    const bucket = view.getUint8(at)
    into[bucket] = (into[bucket] ?? 0) + view.getUint32(at + 1, true)
  }
}

/** Adds the counts of one histogram to another. */
export function addCounts(into: Latency, from: Latency): void {
  for (let bucket = 0; bucket < BUCKETS; bucket++) into[bucket] = (into[bucket] ?? 0) + (from[bucket] ?? 0)
}

export function encodeLatency(latency: Latency): Uint8Array {
  let used = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) if (latency[bucket] !== 0) used++
  const bytes = new Uint8Array(used * 5)
  let at = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = latency[bucket] ?? 0
    if (count === 0) continue
    bytes[at] = bucket
    bytes[at + 1] = count
    bytes[at + 2] = count >>> 8
    bytes[at + 3] = count >>> 16
    bytes[at + 4] = count >>> 24
    at += 5
  }
  return bytes
}

/** The duration that a share of all stayed within, milliseconds; null when nothing was counted. */
export function quantile(latency: Latency, share: number): number | null {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = Math.max(1, Math.ceil(total * share))
  let seen = 0
  for (const [bucket, count] of latency.entries()) {
    seen += count
    if (seen >= rank) return middleOf(bucket)
  }
  return null
}

/** Middle of a bucket on the logarithmic scale: at most 10 % off. */
function middleOf(bucket: number): number {
  if (bucket === 0) return 1
  return Math.round(GROWTH ** (bucket - 0.5) * 10) / 10
}
