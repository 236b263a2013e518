import type { HandlingStore, MarkerRow, SilenceRow } from '../../alert-store.ts'
import { countOf, jsonRows, type Pool, rowsOf } from '../connection.ts'

const KEPT_MS = 90 * 86_400_000

/** Silences and markers. What is over is deleted with the next one that is added. */
export function createHandling(pool: Pool): HandlingStore {
  const insert = (table: string, row: object): Promise<unknown> =>
    pool.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
      jsonRows([row]),
    ])
  return {
    async addSilence(silence) {
      await insert('silences', silence)
      await pool.query('DELETE FROM silences WHERE expires_at < $1', [silence.created_at - KEPT_MS])
    },
    endSilence: async (id, at) =>
      (await countOf(pool, 'UPDATE silences SET expires_at = $2 WHERE id = $1 AND expires_at > $2', [
        id,
        at,
      ])) === 1,
    silences: (now) =>
      rowsOf<SilenceRow>(
        pool,
        'SELECT * FROM silences WHERE expires_at > $1 ORDER BY created_at DESC, id DESC',
        [now],
      ),
    async addMarker(marker) {
      await insert('markers', marker)
      await pool.query('DELETE FROM markers WHERE at < $1', [marker.at - KEPT_MS])
    },
    markers: (since, limit) =>
      rowsOf<MarkerRow>(pool, 'SELECT * FROM markers WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT $2', [
        since,
        limit,
      ]),
  }
}
