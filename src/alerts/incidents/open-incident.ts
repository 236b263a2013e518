import type { IncidentRow, Place } from '../../ledger/alert-store.ts'
import type { Rule } from '../rule.ts'

/** An incident that is open, with what was not written to it yet. */
export interface OpenIncident {
  incident: IncidentRow
  /** Where it fires now, by placeKey. */
  readonly places: Map<string, Place>
  /** Channels that were told; undefined when another process told them. */
  told: Set<string> | undefined
  hurt: string[]
  isDirty: boolean
  /** Why nobody is told of it now; empty when somebody is. */
  held: string
}

export function newOpen(incident: IncidentRow, told: Iterable<string> | undefined): OpenIncident {
  return {
    incident,
    places: new Map(),
    told: told && new Set(told),
    hurt: [],
    isDirty: false,
    held: '',
  }
}

/** Does it fire in more places than people were told? */
export function hasGrown({ incident }: OpenIncident): boolean {
  return incident.places.some(({ is_untold }) => is_untold === true)
}

/** It fires there as well: a place that people did not hear of yet, or one where it was over. */
export function joinPlace(open: OpenIncident, place: Place): void {
  const { places } = open.incident
  if (places.some((known) => isSame(known, place))) mark(open, place, { is_over: undefined })
  else change(open, [...places, { route: place.route, target: place.target, is_untold: true }])
}

/** It is over there, and still fires elsewhere. */
export function leavePlace(open: OpenIncident, place: Place): void {
  mark(open, place, { is_over: true })
}

/** People hear of every place now. */
export function tellPlaces(open: OpenIncident): void {
  for (const place of open.incident.places) {
    if (place.is_untold === true) mark(open, place, { is_untold: undefined })
  }
}

function mark(open: OpenIncident, place: Place, marks: Partial<Place>): void {
  change(
    open,
    open.incident.places.map((known) => (isSame(known, place) ? Object.assign({}, known, marks) : known)),
  )
}

function isSame(one: Place, other: Place): boolean {
  return one.route === other.route && one.target === other.target
}

function change(open: OpenIncident, places: readonly Place[]): void {
  open.incident = { ...open.incident, places }
  open.isDirty = true
}

export function placeKey(rule: Rule, { route, target }: Place): string {
  return `${rule} ${route} ${target}`
}
