import type { IncidentRow, Place } from '../../ledger/alert-store.ts'
import type { Audience } from './audience.ts'
import type { Acknowledgement, IncidentDesk } from './incident-desk.ts'
import { isReminderDue, type Rule } from '../rule.ts'
import {
  hasGrown,
  joinPlace,
  leavePlace,
  newOpen,
  type OpenIncident,
  placeKey,
  tellPlaces,
} from './open-incident.ts'

export interface BookOptions {
  readonly desk: IncidentDesk
  readonly repeatEveryMs: () => number
  readonly audience: (incident: IncidentRow, now: number) => Audience
  readonly onFiring: (route: string, rule: Rule, isFiring: boolean) => void
  readonly onIncident: (incident: IncidentRow, change: 'fires' | 'resolved') => void
}

/** People hear of further places of an incident at most this often. */
const TELL_GROWTH_MS = 60_000
/** What is read from a shared store may be as old as this. */
const SETTLING_MS = 10_000

/**
 * The open incidents: one for each cause, with every place where it fires. Synchronous; what it decides is written by
 * the desk, in order.
 */
export class IncidentBook {
  readonly #options: BookOptions
  readonly #open = new Map<string, OpenIncident>()
  readonly #byPlace = new Map<string, OpenIncident>()
  /** Closed here a moment ago, by id: what is read from the store may be older. */
  readonly #closed = new Map<string, number>()

  constructor(options: BookOptions) {
    this.#options = options
  }

  /**
   * Takes up an incident of an earlier process, or of another one.
   *
   * @param told channels that were told of it; undefined when that is not known: the store tells nobody twice
   */
  restore(incident: IncidentRow, hurt: readonly string[], told: Iterable<string> | undefined): void {
    const firing = incident.places.filter(({ is_over }) => is_over !== true)
    const open = this.#add(incident, firing, told)
    open.hurt = [...hurt]
    open.isDirty = hurt.length > 0
  }

  /**
   * Takes over what replicas that share the store did: incidents they opened or closed, and who looks after one.
   *
   * @param isBehind writes of this process are not in the store yet, so what is missing there may still come
   */
  adopt(
    stored: readonly IncidentRow[],
    {
      at,
      isBehind,
      isLeading,
    }: { readonly at: number; readonly isBehind: boolean; readonly isLeading: boolean },
  ): void {
    for (const incident of stored) {
      const open = this.#open.get(incident.id)
      if (open === undefined) {
        if (!isBehind && !this.#closed.has(incident.id)) this.restore(incident, [], undefined)
      } else if (!isLeading) {
        open.incident = incident
      } else if (!isBehind) {
        const { acked_by, ack_comment, acked_until } = incident
        open.incident = { ...open.incident, acked_by, ack_comment, acked_until }
      }
    }
    const ids = new Set(stored.map(({ id }) => id))
    for (const { incident } of this.#open.values()) {
      if (!isBehind && !ids.has(incident.id) && incident.opened_at < at - SETTLING_MS)
        this.#forget(incident.id)
    }
    for (const [id, closedAt] of this.#closed) if (closedAt < at - 2 * SETTLING_MS) this.#closed.delete(id)
  }

  isFiring(rule: Rule, place: Place): boolean {
    return this.#byPlace.has(placeKey(rule, place))
  }

  /** The open incident of a rule at any target of a route. */
  of(rule: Rule, route: string): IncidentRow | undefined {
    for (const { incident, places } of this.#open.values()) {
      if (incident.rule !== rule) continue
      for (const place of places.values()) if (place.route === route) return incident
    }
    return undefined
  }

  /** Does any rule fire on a route? */
  firesOn(route: string): boolean {
    for (const { places } of this.#open.values()) {
      for (const place of places.values()) if (place.route === route) return true
    }
    return false
  }

  incidents(): readonly IncidentRow[] {
    return [...this.#open.values()].map(({ incident }) => incident)
  }

  /** Why nobody is told of an incident now; empty when somebody is. */
  heldOf(id: string): string {
    return this.#open.get(id)?.held ?? ''
  }

  /** Opens an incident, or adds the place to the open one with the same cause. */
  fire(incident: IncidentRow, callbackIds: readonly string[]): void {
    const [place = { route: incident.route, target: incident.target }] = incident.places
    const joined = incident.cause === '' ? undefined : this.#withCause(incident)
    if (joined !== undefined) {
      this.#join(joined, place, callbackIds)
      return
    }
    const { channels, held } = this.#options.audience(incident, incident.opened_at)
    this.#add(incident, [place], channels).held = held
    this.#options.onIncident(incident, 'fires')
    this.#options.desk.open(incident, callbackIds, channels)
  }

  /** A place recovered or is gone; the last one closes the incident. */
  resolve(rule: Rule, place: Place, at: number, reason: string): void {
    const key = placeKey(rule, place)
    const open = this.#byPlace.get(key)
    if (open === undefined) return
    this.#byPlace.delete(key)
    open.places.delete(key)
    if (this.of(rule, place.route) === undefined) this.#options.onFiring(place.route, rule, false)
    if (open.places.size > 0) return leavePlace(open, place)
    this.#note(open)
    this.#open.delete(open.incident.id)
    this.#closed.set(open.incident.id, at)
    this.#options.onIncident({ ...open.incident, closed_at: at, close_reason: reason }, 'resolved')
    this.#options.desk.close(open.incident.id, at, reason)
  }

  hurt(rule: Rule, place: Place, callbackId: string): void {
    const open = this.#byPlace.get(placeKey(rule, place))
    if (open === undefined) return
    open.hurt.push(callbackId)
    open.isDirty = true
  }

  /** What was measured at its worst; 0 when it does not fire. */
  valueOf(rule: Rule, place: Place): number {
    return this.#byPlace.get(placeKey(rule, place))?.incident.value ?? 0
  }

  /** The newest findings of an incident. */
  update(rule: Rule, place: Place, change: (incident: IncidentRow) => Partial<IncidentRow>): void {
    const open = this.#byPlace.get(placeKey(rule, place))
    if (open === undefined) return
    open.incident = { ...open.incident, ...change(open.incident) }
    open.isDirty = true
  }

  /** False when it is not open. */
  acknowledge(id: string, ack: Acknowledgement): boolean {
    const open = this.#open.get(id)
    if (open === undefined) return false
    open.incident = {
      ...open.incident,
      acked_by: ack.by,
      ack_comment: ack.comment,
      acked_until: ack.until,
    }
    this.#options.desk.acknowledge(id, ack)
    return true
  }

  /** Writes what gathered, tells whoever is to be told from now on, and reminds. */
  tick(now: number): void {
    for (const open of this.#open.values()) {
      this.#note(open)
      const { channels, held } = this.#options.audience(open.incident, now)
      open.held = held
      const late = channels.filter((channel) => open.told?.has(channel) !== true)
      if (late.length > 0) this.#options.desk.tell(open.incident.id, late, now)
      // Who hears of it only now needs no reminder of it.
      const known = open.told === undefined ? channels : channels.filter((each) => !late.includes(each))
      open.told = new Set([...(open.told ?? []), ...channels])
      if (channels.length > 0 && this.#isDue(open, now)) this.#remind(open, known, now)
    }
  }

  /** Writes what gathered. */
  flush(): void {
    for (const open of this.#open.values()) this.#note(open)
  }

  /** Another replica closed it, and told of it. */
  #forget(id: string): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    const rule = open.incident.rule as Rule
    for (const [key, place] of open.places) {
      this.#byPlace.delete(key)
      if (this.of(rule, place.route) === undefined) this.#options.onFiring(place.route, rule, false)
    }
  }

  #isDue(open: OpenIncident, now: number): boolean {
    const { incident } = open
    const isWanted = now >= incident.acked_until
    if (hasGrown(open) && isWanted && now - incident.told_at >= TELL_GROWTH_MS) return true
    return isReminderDue(incident, this.#options.repeatEveryMs(), now)
  }

  #remind(open: OpenIncident, channels: readonly string[], now: number): void {
    const number = open.incident.reminders + 1
    open.incident = { ...open.incident, told_at: now, reminders: number }
    tellPlaces(open)
    this.#options.desk.remind(open.incident.id, { number, at: now, channels })
  }

  #add(incident: IncidentRow, places: readonly Place[], told: Iterable<string> | undefined): OpenIncident {
    const open = newOpen(incident, told)
    this.#open.set(incident.id, open)
    for (const place of places) this.#put(open, place)
    return open
  }

  #put(open: OpenIncident, place: Place): void {
    const rule = open.incident.rule as Rule
    const key = placeKey(rule, place)
    open.places.set(key, place)
    this.#byPlace.set(key, open)
    this.#options.onFiring(place.route, rule, true)
  }

  #join(open: OpenIncident, place: Place, callbackIds: readonly string[]): void {
    this.#put(open, place)
    joinPlace(open, place)
    open.hurt.push(...callbackIds)
    open.isDirty = true
  }

  #withCause({ rule, cause }: IncidentRow): OpenIncident | undefined {
    for (const open of this.#open.values()) {
      if (open.incident.rule === rule && open.incident.cause === cause) return open
    }
    return undefined
  }

  #note(open: OpenIncident): void {
    if (!open.isDirty) return
    this.#options.desk.note(open.incident.id, open.incident, open.hurt)
    open.hurt = []
    open.isDirty = false
  }
}
