import type { DatabaseSync } from 'node:sqlite'

import type { HandlingStore, MarkerRow, SilenceRow, Synchronous } from '../../alert-store.ts'

/** Silences and markers. What is over is deleted with the next one that is added. */
export function createHandlingTables(db: DatabaseSync): Synchronous<HandlingStore> {
  const insertSilence = db.prepare(`
    INSERT INTO silences VALUES (:id, :route, :rule, :target, :severity, :comment, :created_by, :created_at,
      :starts_at, :expires_at)`)
  const endSilence = db.prepare('UPDATE silences SET expires_at = :at WHERE id = :id AND expires_at > :at')
  const silences = db.prepare('SELECT * FROM silences WHERE expires_at > ? ORDER BY created_at DESC, id DESC')
  const forgetSilences = db.prepare('DELETE FROM silences WHERE expires_at < ?')
  const insertMarker = db.prepare('INSERT INTO markers VALUES (:id, :at, :text, :created_by)')
  const markers = db.prepare('SELECT * FROM markers WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?')
  const forgetMarkers = db.prepare('DELETE FROM markers WHERE at < ?')
  return {
    addSilence(silence) {
      insertSilence.run({ ...silence })
      forgetSilences.run(silence.created_at - KEPT_MS)
    },
    endSilence: (id, at) => endSilence.run({ id, at }).changes === 1,
    silences: (now) => silences.all(now) as unknown as SilenceRow[],
    addMarker(marker) {
      insertMarker.run({ ...marker })
      forgetMarkers.run(marker.at - KEPT_MS)
    },
    markers: (since, limit) => markers.all(since, limit) as unknown as MarkerRow[],
  }
}

const KEPT_MS = 90 * 86_400_000
