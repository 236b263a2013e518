import type { FailureRow, IncidentImpact, IncidentRow } from '../../ledger/alert-store.ts'
import { clean, cleanId } from './clean.ts'
import { longest, type Story, type Tone } from './story.ts'
import { PLAN, STILL_FINE } from '../incidents/context.ts'
import { wordsOf } from './rule-words.ts'
import { counted, durationWords, outcomeLabel, outcomeWords, timeWords } from './words.ts'

/** What is to be told of an incident. */
export interface Report {
  /** `missed`: it fired and resolved before the firing could be told. */
  readonly kind: 'firing' | 'reminder' | 'resolved' | 'missed'
  readonly incident: IncidentRow
  /** What became of the callbacks; undefined while it was not asked. */
  readonly impact?: IncidentImpact | undefined
  /** Is its target skipped by the circuit breaker now? Undefined where that says nothing. */
  readonly isSkipped?: boolean | undefined
  readonly now: number
  /** When it will be told again if it lasts; undefined when it will not. */
  readonly nextReminderAt: number | undefined
  /** Address of the admin page as people reach it; undefined without one. */
  readonly linkUrl: string | undefined
  /** Address of a dashboard, `{route}` standing for the route; undefined without one. */
  readonly dashboardUrl?: string | undefined
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
      ...hurtFact(report),
      ...fateFact(report),
      ...breakerFact(report),
      ...contextFacts(report),
    ],
    list: { title: 'Last failed attempts', lines: incident.recent_failures.map(attemptLine) },
    commands: commandsOf(incident, last),
    link: incidentLink(incident.id, linkUrl),
    dashboard: report.dashboardUrl?.replaceAll('{route}', encodeURIComponent(incident.route)),
    footer: footerOf(report),
  }
}

/** Address of the page of an incident. */
export function incidentLink(id: string, linkUrl: string | undefined): string | undefined {
  return linkUrl === undefined ? undefined : `${linkUrl.replace(/\/$/, '')}/incidents/${id}`
}

function toneOf({ kind, incident }: Report): Tone {
  if (kind === 'resolved' || kind === 'missed') return 'good'
  return incident.severity === 'info' ? 'plain' : incident.severity
}

/** `calls primary`: the words under which people know what broke. */
function placeOf({ route, target, places }: IncidentRow): string {
  const first = [route, target].filter((word) => word !== '').join(' ')
  const more = places.length > 1 ? ` and ${places.length - 1} more` : ''
  return (first === '' ? 'Ringback' : first) + more
}

/** Does it tell of a handler that was asked and failed? */
function isOfFailures({ first_failure, recent_failures }: IncidentRow): boolean {
  return first_failure !== null || recent_failures.length > 0
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
  const { fires } = wordsOf(incident.rule)
  switch (kind) {
    case 'firing':
      return `${fires}: ${place}`
    case 'reminder':
      return `Still: ${fires.charAt(0).toLowerCase()}${fires.slice(1)}: ${place}`
    case 'resolved':
      return incident.close_reason === 'recovered' ? `Recovered: ${place}` : `No longer watched: ${place}`
    case 'missed':
      return `Was down, recovered: ${place}`
  }
}

function leadOf(report: Report, last: FailureRow | null): string {
  const { incident, kind } = report
  const down = durationWords(endOf(report) - incident.since)
  const hurt = incident.callbacks === 0 ? '' : `; ${counted(incident.callbacks, 'callback')} hurt`
  const isOfHandler = isOfFailures(incident)
  const words = last === null ? 'failed' : outcomeWords(last.outcome, last.status)
  const lastTime = isOfHandler ? ` Last time the handler ${words}.` : ''
  switch (kind) {
    case 'firing':
      return incident.rule === 'consecutive_failures'
        ? `${incident.reason}: the handler ${words}. The first one failed at ${timeWords(incident.since)}.`
        : `${capital(incident.reason)}. ${wordsOf(incident.rule).advice}`
    case 'reminder':
      return `For ${down} now${hurt}: ${incident.reason}.${lastTime}`
    case 'resolved':
      return `${closeWords(incident)} after ${down}${hurt}.${lastTime}`
    case 'missed':
      return `${closeWords(incident)} after ${down}${hurt}. The alert itself could not be sent while it lasted.`
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function closeWords(incident: IncidentRow): string {
  if (incident.close_reason === 'rule_off') return 'The rule was switched off'
  if (incident.close_reason === 'recovered')
    return incident.rule === 'consecutive_failures' ? 'Callbacks are taken again' : 'It is well again'
  return incident.rule === 'target_certificate_expiry'
    ? 'The target leads to another server, or was taken out of the configuration'
    : 'The route or the rule was taken out of the configuration'
}

function placeFacts({ route, target, target_label, places }: IncidentRow): [string, string][] {
  const facts: [string, string][] = []
  const routes = [...new Set(places.map((place) => place.route))]
  if (routes.length > 1) facts.push(['Routes', namesOf(routes)])
  else if (route !== '') facts.push(['Route', route])
  if (target !== '') facts.push(['Target', `${target}, ${clean(target_label, longest.fact - 20)}`])
  return facts
}

const NAMES_SHOWN = 10

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown
}

/** How many callbacks of how many calls, and which events. */
function hurtFact({ incident, impact }: Report): [string, string][] {
  if (incident.callbacks === 0) return []
  if (impact === undefined || impact.callbacks === 0) {
    const events = [...new Set(incident.recent_failures.map(({ event }) => event))]
    return [['Callbacks hurt', [String(incident.callbacks), ...events].join(', ')]]
  }
  const calls = impact.calls === 0 ? '' : ` of ${counted(impact.calls, 'call')}`
  const events = impact.events.map(({ event, callbacks }) => `${event} ${callbacks}`)
  return [['Callbacks hurt', `${incident.callbacks}${calls}: ${namesOf(events)}`]]
}

/** What became of them: rescued, waiting, lost. */
function fateFact({ impact }: Report): [string, string][] {
  if (impact === undefined || impact.callbacks === 0) return []
  const fates = Object.entries(impact.results).map(
    ([result, count]) => `${count} ${fateWords[result] ?? result}`,
  )
  return [['What became of them', fates.join(', ')]]
}

/** Whether callbacks are still tried at the target. */
function breakerFact({ kind, isSkipped }: Report): [string, string][] {
  if (isSkipped === undefined || kind === 'resolved' || kind === 'missed') return []
  const words = isSkipped
    ? 'open: the target is skipped, but for a probe now and then'
    : 'closed: every callback still tries the target'
  return [['Circuit breaker', words]]
}

/** What is done with callbacks is said until it is known what was done. */
function contextFacts(report: Report): readonly (readonly [string, string])[] {
  const isKnown = fateFact(report).length > 0 || report.incident.closed_at !== null
  const isFresh = report.kind === 'firing' && report.incident.places.length === 1
  return report.incident.context.filter(
    ([name]) => (name !== PLAN || !isKnown) && (name !== STILL_FINE || isFresh),
  )
}

const fateWords: Readonly<Record<string, string>> = {
  pending: 'under way',
  delivered: 'delivered by another handler or try',
  rescued: 'rescued, waiting',
  delivered_late: 'delivered late',
  dead: 'given up',
  failed: 'lost to the handler',
}

function failureFact(name: string, failure: FailureRow | null): [string, string][] {
  if (failure === null) return []
  const words = outcomeWords(failure.outcome, failure.status)
  // An error that only repeats the status says nothing new.
  const detail = failure.error === '' || words.includes('HTTP') ? '' : `: ${clean(failure.error, 160)}`
  const excerpt =
    failure.excerpt === undefined || failure.excerpt === '' ? '' : `: “${clean(failure.excerpt, 160)}”`
  return [[name, `${timeWords(failure.at)}, the handler ${words}${excerpt === '' ? detail : excerpt}`]]
}

function attemptLine(failure: FailureRow): string {
  const time = new Date(failure.at).toISOString().slice(11, 19)
  const call = failure.call_id === '' ? 'no call id' : `call ${cleanId(failure.call_id, 40)}`
  const took = failure.ms === null ? '' : ` ${Math.round(failure.ms)} ms`
  return `${time} ${outcomeLabel(failure.outcome, failure.status)}${took}  ${call}  ${failure.callback_id}`
}

function commandsOf({ id, route, rule, callbacks }: IncidentRow, last: FailureRow | null): string[] {
  const commands: string[] = []
  if (rule === 'signature_failures') commands.push('ringback doctor')
  if (callbacks > 0) commands.push(`ringback replay --incident ${id} --dry-run`)
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
