const WINDOW_MS = 60_000
const MOST_PEERS = 10_000

/** Counts failed sign-ins of each peer over a minute. */
export interface FailureLimit {
  /** Milliseconds until the peer may try again; 0 when it may now. */
  waitMs(peer: string, nowMs: number): number
  failed(peer: string, nowMs: number): void
}

/**
 * Allows `most` failures a peer a minute. The memory is bounded: beyond 10,000 peers the one that failed
 * least recently is forgotten.
 */
export function createFailureLimit(most: number): FailureLimit {
  const failures = new Map<string, number[]>() // in order of the latest failure
  const recent = (peer: string, nowMs: number) =>
    (failures.get(peer) ?? []).filter((at) => nowMs - at < WINDOW_MS)
  return {
    waitMs(peer, nowMs) {
      const times = recent(peer, nowMs)
      const opensAt = times.at(-most)
      return opensAt === undefined ? 0 : opensAt + WINDOW_MS - nowMs
    },
    failed(peer, nowMs) {
      const times = [...recent(peer, nowMs), nowMs].slice(-most)
      failures.delete(peer)
      failures.set(peer, times)
      if (failures.size <= MOST_PEERS) return
      const [oldest] = failures.keys()
      if (oldest !== undefined) failures.delete(oldest)
    },
  }
}
