import { NO_EVENT } from '../../callback/event.ts'
import type { CallbackFilter } from '../rows.ts'

/** Columns of a refused request in the form of a callback. */
export const REFUSAL_COLUMNS = `id, received_at, route, '' AS account, '${NO_EVENT}' AS event, '' AS raw_event, '' AS call_id,
  '' AS kind, method, path, 'refused' AS verdict, 'rejected' AS result, '' AS blame, reason, 0 AS attempts,
  '' AS last_outcome, status AS answer_status, 0 AS answer_ms, 0 AS body_bytes, '' AS duplicate_of, peer,
  '' AS traceparent`

/** Can a refused request fit at all? */
export function mayBeRefused({ result, event, call_id, outcome, retried }: CallbackFilter): boolean {
  return (
    (result === undefined || result === 'rejected') &&
    (event === undefined || event === NO_EVENT) &&
    call_id === undefined &&
    outcome === undefined &&
    retried !== true
  )
}
