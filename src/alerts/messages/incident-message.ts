import { DRILL_ROUTE } from '../../callback/route.ts'
import type { IncidentRow } from '../../ledger/alert-store.ts'
import type { Message, MessageIncident } from '../../notify/notifier.ts'
import { asDrill } from './drill-message.ts'
import { incidentLink, incidentStory, type Report } from './incident-story.ts'
import { messageOf } from './message.ts'

/** The message that tells of an incident. Its id names the incident and the occasion, so it is the same after a restart. */
export function incidentMessage(report: Report): Message {
  const { incident } = report
  const story = incidentStory(report)
  return messageOf(
    {
      id: messageId(report),
      incidentId: incident.id,
      kind: report.kind === 'missed' ? 'resolved' : report.kind,
      severity: incident.severity,
      incident: incidentData(report),
    },
    incident.route === DRILL_ROUTE ? asDrill(story) : story,
  )
}

function incidentData({ incident, linkUrl }: Report): MessageIncident {
  const { id, rule, route, target, severity, reason, since, opened_at, closed_at, callbacks } = incident
  const link = incidentLink(id, linkUrl)
  const is_drill = route === DRILL_ROUTE
  const places = incident.places.map((place) => ({ route: place.route, target: place.target }))
  const about = { id, rule, route, target, severity, reason, is_drill, places, link }
  return { ...about, since, opened_at, closed_at, callbacks }
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
