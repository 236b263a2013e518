import type { IncidentRow } from '../ledger/alert-store.ts'
import type { Message } from '../notify/notifier.ts'
import { incidentStory, type Report } from './incident-story.ts'
import { messageOf } from './message.ts'

/** The message that tells of an incident. Its id names the incident and the occasion, so it is the same after a restart. */
export function incidentMessage(report: Report): Message {
  const { incident } = report
  return messageOf(
    {
      id: messageId(report),
      incidentId: incident.id,
      kind: report.kind === 'missed' ? 'resolved' : report.kind,
      severity: incident.severity,
    },
    incidentStory(report),
  )
}

function messageId({ kind, incident }: { kind: Report['kind']; incident: IncidentRow }): string {
  switch (kind) {
    case 'firing':
      return `${incident.id}.firing`
    case 'reminder':
      return `${incident.id}.reminder-${incident.reminders}`
    case 'resolved':
    case 'missed':
      return `${incident.id}.resolved`
  }
}
