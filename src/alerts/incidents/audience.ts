import { DRILL_ROUTE } from '../../callback/route.ts'
import type { IncidentRow, SilenceRow } from '../../ledger/alert-store.ts'
import { isWithin, type Span, wallTime } from '../rules/schedule.ts'

/** Which alerts a channel is told of, and when. */
export interface Wants {
  /** Empty means all; the same for the others. */
  readonly severities: readonly string[]
  readonly routes: readonly string[]
  readonly rules: readonly string[]
  /** When only critical alerts are told. */
  readonly quietHours: readonly Span[]
  readonly timezone: string
  /** Told only when nobody acknowledged for so long, milliseconds; 0 tells at once. */
  readonly afterMs: number
}

/** Times in which nobody is told. */
export interface Maintenance {
  readonly name: string
  readonly at: readonly Span[]
  readonly timezone: string
  /** Empty means all. */
  readonly routes: readonly string[]
}

export interface AudienceRules {
  /** By channel; one that is missing wants everything. */
  readonly wants: ReadonlyMap<string, Wants>
  readonly maintenance: readonly Maintenance[]
  readonly silences: readonly SilenceRow[]
  /** Id of an open incident that explains this one, or empty. */
  readonly parent: string
  readonly now: number
}

/** Who is to be told of an incident now. */
export interface Audience {
  readonly channels: readonly string[]
  /** Why nobody is, in words; empty when somebody may be. */
  readonly held: string
}

/** Pure: asked again as time goes by, it says who joins when a silence ends or nobody acknowledges. */
export function audienceOf(
  incident: IncidentRow,
  channels: readonly string[],
  rules: AudienceRules,
): Audience {
  // A drill asks whether every channel works, so nothing holds it back.
  if (incident.route === DRILL_ROUTE) return { channels, held: '' }
  const held = holdOf(incident, rules)
  if (held !== '') return { channels: [], held }
  return { channels: channels.filter((name) => isWanted(rules.wants.get(name), incident, rules.now)), held }
}

function holdOf(incident: IncidentRow, { maintenance, silences, parent, now }: AudienceRules): string {
  if (parent !== '') return `explained by incident ${parent}`
  const silence = silences.find((each) => isSilenced(incident, each, now))
  if (silence !== undefined) return `silenced by ${silence.created_by}: ${silence.comment}`
  const window = maintenance.find(
    ({ at, timezone, routes }) =>
      isListed(incident.route, routes) && at.some((span) => isWithin(span, wallTime(now, timezone))),
  )
  return window === undefined ? '' : `maintenance: ${window.name}`
}

/** Does a silence cover an incident now? Every matcher that is set must match; `*` stands for any text. */
export function isSilenced(incident: IncidentRow, silence: SilenceRow, now: number): boolean {
  if (now < silence.starts_at || now >= silence.expires_at) return false
  const { route, rule, target, severity } = silence
  return (
    incident.places.every((place) => matches(place.route, route) && matches(place.target, target)) &&
    matches(incident.rule, rule) &&
    matches(incident.severity, severity)
  )
}

function matches(text: string, pattern: string): boolean {
  if (pattern === '') return true
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(text)
}

function isWanted(wants: Wants | undefined, incident: IncidentRow, now: number): boolean {
  if (wants === undefined) return true
  const { severity, rule, places, opened_at, acked_until } = incident
  if (!isListed(severity, wants.severities) || !isListed(rule, wants.rules)) return false
  if (!places.some(({ route }) => isListed(route, wants.routes))) return false
  if (wants.afterMs > 0 && (acked_until > now || now - opened_at < wants.afterMs)) return false
  const isQuiet = wants.quietHours.some((span) => isWithin(span, wallTime(now, wants.timezone)))
  return severity === 'critical' || !isQuiet
}

function isListed(name: string, list: readonly string[]): boolean {
  return list.length === 0 || list.includes(name)
}
