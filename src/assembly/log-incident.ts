import type { IncidentRow } from '../ledger/alert-store.ts'
import type { Log } from '../log.ts'

/** The log line of an alert that fires or is over: also where no channel is configured, somebody may read it. */
export function logIncident(log: Log['pino'], incident: IncidentRow, change: 'fires' | 'resolved'): void {
  const { id, route, target, target_label, rule, severity, reason, close_reason, callbacks } = incident
  const last = incident.recent_failures.at(-1)
  const place = [route, target].filter((part) => part !== '').join(', ')
  const where = place === '' ? '' : ` on ${place}`
  const about = { incident: id, route, target, url: target_label, rule, severity }
  if (change === 'fires') {
    const failure =
      last === undefined ? {} : { outcome: last.outcome, status: last.status, error: last.error }
    log.error({ ...about, reason, ...failure }, `ALERT FIRES: ${reason}${where}`)
  } else {
    log.info({ ...about, reason: close_reason, callbacks }, `alert resolved: ${rule}${where}`)
  }
}
