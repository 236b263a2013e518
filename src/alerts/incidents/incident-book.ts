import type { IncidentRow, Place } from '../../ledger/alert-store.ts'
import type { Audience } from './audience.ts'
import type { Acknowledgement, IncidentDesk } from './incident-desk.ts'
import { isReminderDue, type Rule } from '../rule.ts'

/** An incident that is open, with what was not written to it yet. */
interface Open {
  incident: IncidentRow
  /** Where it fires now, by placeKey. */
  readonly places: Map<string, Place>
  readonly told: Set<string>
  hurt: string[]
  isDirty: boolean
  /** It fires in more places than people were told. */
  hasGrown: boolean
  held: string
}

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
  readonly #open = new Map<string, Open>()
  readonly #byPlace = new Map<string, Open>()
  /** Closed here a moment ago, by id: what is read from the store may be older. */
  readonly #closed = new Map<string, number>()

  constructor(options: BookOptions) {
    this.#options = options
  }

  /** Takes up an incident of an earlier process; who was told is in the store, which tells nobody twice. */
  restore(incident: IncidentRow, places: readonly Place[], hurt: readonly string[]): void {
    const open = this.#add(incident, places)
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
        if (!isBehind && !this.#closed.has(incident.id)) this.restore(incident, incident.places, [])
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
    const open = this.#add(incident, [place])
    for (const channel of channels) open.told.add(channel)
    open.held = held
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
    if (open.places.size > 0) return
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
      const late = channels.filter((channel) => !open.told.has(channel))
      for (const channel of late) open.told.add(channel)
      if (late.length > 0) this.#options.desk.tell(open.incident.id, late, now)
      if (channels.length > 0 && this.#isDue(open, now)) this.#remind(open, channels, now)
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

  #isDue({ incident, hasGrown }: Open, now: number): boolean {
    const isWanted = now >= incident.acked_until
    if (hasGrown && isWanted && now - incident.told_at >= TELL_GROWTH_MS) return true
    return isReminderDue(incident, this.#options.repeatEveryMs(), now)
  }

  #remind(open: Open, channels: readonly string[], now: number): void {
    const number = open.incident.reminders + 1
    open.incident = { ...open.incident, told_at: now, reminders: number }
    open.hasGrown = false
    this.#options.desk.remind(open.incident.id, { number, at: now, channels })
  }

  #add(incident: IncidentRow, places: readonly Place[]): Open {
    const open: Open = {
      incident,
      places: new Map(),
      told: new Set(),
      hurt: [],
      isDirty: false,
      hasGrown: false,
      held: '',
    }
    this.#open.set(incident.id, open)
    for (const place of places) this.#put(open, place)
    return open
  }

  #put(open: Open, place: Place): void {
    const rule = open.incident.rule as Rule
    const key = placeKey(rule, place)
    open.places.set(key, place)
    this.#byPlace.set(key, open)
    this.#options.onFiring(place.route, rule, true)
  }

  #join(open: Open, place: Place, callbackIds: readonly string[]): void {
    this.#put(open, place)
    const isKnown = open.incident.places.some(
      (known) => known.route === place.route && known.target === place.target,
    )
    if (!isKnown) {
      open.incident = { ...open.incident, places: [...open.incident.places, place] }
      open.hasGrown = true
    }
    open.hurt.push(...callbackIds)
    open.isDirty = true
  }

  #withCause({ rule, cause }: IncidentRow): Open | undefined {
    for (const open of this.#open.values()) {
      if (open.incident.rule === rule && open.incident.cause === cause) return open
    }
    return undefined
  }

  #note(open: Open): void {
    if (!open.isDirty) return
    this.#options.desk.note(open.incident.id, open.incident, open.hurt)
    open.hurt = []
    open.isDirty = false
  }
}

function placeKey(rule: Rule, { route, target }: Place): string {
  return `${rule} ${route} ${target}`
}
