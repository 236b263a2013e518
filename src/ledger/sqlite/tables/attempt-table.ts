import type { DatabaseSync } from 'node:sqlite'

import type { AttemptRecord } from '../../codec/records.ts'
import { redactWords } from '../../redact.ts'
import type { Place } from './callback-table.ts'

export interface AttemptTable {
  /** @param place of the reply; undefined when there was none */
  insert(attempt: AttemptRecord, place: Place | undefined): void
}

export function createAttemptTable(db: DatabaseSync): AttemptTable {
  const insert = db.prepare(`INSERT OR REPLACE INTO attempts
    (callback_id, number, target, url, via, started_at, outcome, status, dns_ms, connect_ms, tls_ms, first_byte_ms,
     total_ms, error, resent, block, slot)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return {
    insert(attempt, place) {
      insert.run(
        attempt.callbackId,
        attempt.number,
        attempt.target,
        attempt.label,
        attempt.via,
        attempt.startedAt,
        attempt.outcome,
        attempt.status,
        phase(attempt.dnsMs),
        phase(attempt.connectMs),
        phase(attempt.tlsMs),
        phase(attempt.firstByteMs),
        phase(attempt.totalMs),
        redactWords(attempt.error),
        attempt.resent ? 1 : 0,
        place?.block ?? null,
        place?.slot ?? null,
      )
    },
  }
}

/** Milliseconds to the microsecond, null for a phase that did not happen. */
function phase(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 1000) / 1000
}
