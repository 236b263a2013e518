import { decodeKeptBytes } from '../codec/decode.ts'
import type { KeptExchange } from '../rescue-queue.ts'

/** A callback from its record in the inbox. */
export function keptExchangeOf(record: Uint8Array, attempts: number): KeptExchange {
  const kept = decodeKeptBytes(record)
  const { id, receivedAt, method, path, query, headers, peer, duplicateOf } = kept
  return {
    callback: {
      id,
      receivedAt,
      startedAt: 0, // the monotonic clock of its arrival may be that of another process
      method,
      path,
      query,
      headers,
      body: Uint8Array.from(kept.body), // without the memory of the record, which would travel along
      peer,
    },
    route: kept.route,
    attempts,
    facts: kept.facts,
    kind: kept.kind,
    verdict: kept.verdict,
    guardKey: kept.guardKey,
    bodyHash: kept.bodyHash,
    duplicateOf: duplicateOf === '' ? undefined : duplicateOf,
    traceparent: kept.traceparent,
  }
}
