import type { FailureRow, IncidentRow } from '../ledger/alert-store.ts'
import { clean, cleanId } from './clean.ts'
import { longest, type Story, type Tone } from './story.ts'
import { counted, durationWords, outcomeLabel, outcomeWords, timeWords } from './words.ts'

/** What is to be told of an incident. */
export interface Report {
  /** `missed`: it fired and resolved before the firing could be told. */
  readonly kind: 'firing' | 'reminder' | 'resolved' | 'missed'
  readonly incident: IncidentRow
  readonly now: number
  /** When it will be told again if it lasts; undefined when it will not. */
  readonly nextReminderAt: number | undefined
  /** Address of the admin page as people reach it; undefined without one. */
  readonly linkUrl: string | undefined
}

export function incidentStory(report: Report): Story {
  const { incident, linkUrl } = report
  const last = incident.recent_failures.at(-1) ?? incident.first_failure
  return {
    tone: toneOf(report),
    subject: subjectOf(report, last),
    headline: headlineOf(report),
    lead: leadOf(report, last),
    facts: [
      ...placeFacts(incident),
      ['Since', `${timeWords(incident.since)} (${durationWords(endOf(report) - incident.since)})`],
      ...failureFact('First failure', incident.first_failure),
      ...failureFact('Last failure', last),
      ['Callbacks hurt', String(incident.callbacks)],
    ],
    list: { title: 'Last failed attempts', lines: incident.recent_failures.map(attemptLine) },
    commands: commandsOf(incident, last),
    link: linkUrl === undefined ? undefined : `${linkUrl.replace(/\/$/, '')}/incidents/${incident.id}`,
    footer: footerOf(report),
  }
}

function toneOf({ kind, incident }: Report): Tone {
  if (kind === 'resolved' || kind === 'missed') return 'good'
  return incident.severity === 'info' ? 'plain' : incident.severity
}

/** `calls primary`: the words under which people know what broke. */
function placeOf({ route, target }: IncidentRow): string {
  return [route, target].filter((word) => word !== '').join(' ')
}

function endOf({ incident, now }: Report): number {
  return incident.closed_at ?? now
}

/** The place is cut first: what happened must stay readable. */
function subjectOf(report: Report, last: FailureRow | null): string {
  const { incident, kind } = report
  const down = durationWords(endOf(report) - incident.since)
  const label = last === null ? '' : ` (${outcomeLabel(last.outcome, last.status)})`
  const [tag, rest] = ((): readonly [string, string] => {
    switch (kind) {
      case 'firing':
        return ['[FIRING]', `: ${incident.reason}${label}`]
      case 'reminder':
        return ['[STILL FIRING]', `: for ${down}${label}`]
      case 'resolved':
        return ['[RESOLVED]', ` after ${down}`]
      case 'missed':
        return ['[RESOLVED]', ` was down for ${down}`]
    }
  })()
  const room = longest.subject - tag.length - rest.length - 1
  return `${tag} ${clean(placeOf(incident), Math.max(room, 12))}${rest}`
}

function headlineOf({ kind, incident }: Report): string {
  const place = clean(placeOf(incident), 100)
  switch (kind) {
    case 'firing':
      return `Callbacks are failing: ${place}`
    case 'reminder':
      return `Callbacks are still failing: ${place}`
    case 'resolved':
      return incident.close_reason === 'recovered' ? `Recovered: ${place}` : `No longer watched: ${place}`
    case 'missed':
      return `Was down, recovered: ${place}`
  }
}

function leadOf(report: Report, last: FailureRow | null): string {
  const { incident, kind } = report
  const words = last === null ? 'failed' : outcomeWords(last.outcome, last.status)
  const down = durationWords(endOf(report) - incident.since)
  const hurt = counted(incident.callbacks, 'callback')
  switch (kind) {
    case 'firing':
      return `${incident.reason}: the handler ${words}. The first one failed at ${timeWords(incident.since)}.`
    case 'reminder':
      return `Failing for ${down} now, ${hurt} hurt; last time the handler ${words}.`
    case 'resolved':
      return `${closeWords(incident)} after ${down}; ${hurt} hurt. Last time the handler ${words}.`
    case 'missed':
      return `${closeWords(incident)} after ${down}; ${hurt} hurt. The alert itself could not be sent while it lasted.`
  }
}

function closeWords(incident: IncidentRow): string {
  return incident.close_reason === 'recovered'
    ? 'Callbacks are taken again'
    : 'The route or the rule was taken out of the configuration'
}

function placeFacts({ route, target, target_label }: IncidentRow): [string, string][] {
  const facts: [string, string][] = []
  if (route !== '') facts.push(['Route', route])
  if (target !== '') facts.push(['Target', `${target}, ${clean(target_label, longest.fact - 20)}`])
  return facts
}

function failureFact(name: string, failure: FailureRow | null): [string, string][] {
  if (failure === null) return []
  const words = outcomeWords(failure.outcome, failure.status)
  // An error that only repeats the status says nothing new.
  const detail = failure.error === '' || words.includes('HTTP') ? '' : `: ${clean(failure.error, 160)}`
  return [[name, `${timeWords(failure.at)}, the handler ${words}${detail}`]]
}

function attemptLine(failure: FailureRow): string {
  const time = new Date(failure.at).toISOString().slice(11, 19)
  const call = failure.call_id === '' ? 'no call id' : `call ${cleanId(failure.call_id, 40)}`
  const took = failure.ms === null ? '' : ` ${Math.round(failure.ms)} ms`
  return `${time} ${outcomeLabel(failure.outcome, failure.status)}${took}  ${call}  ${failure.callback_id}`
}

function commandsOf({ route }: IncidentRow, last: FailureRow | null): string[] {
  const commands: string[] = []
  if (route !== '') commands.push(`ringback list --route ${route} --failed`)
  if (last !== null) commands.push(`ringback show ${last.callback_id}`)
  return commands
}

function footerOf({ kind, incident, nextReminderAt }: Report): string {
  const next =
    nextReminderAt === undefined || kind === 'resolved' || kind === 'missed'
      ? ''
      : `Next reminder at ${timeWords(nextReminderAt)}. `
  return `${next}Ringback incident ${incident.id}`
}
