import { StreakReference } from './streak-reference.ts'

/** Routes of the model, and what is behind each: the last two share a handler. */
export const handlers = [0, 1, 1] as const
export type RouteNumber = 0 | 1 | 2

/** Slack may be down; e-mail never is; the pager never is and is told when nobody acknowledged in time. */
export const channels = ['slack', 'email', 'pager'] as const
export type Channel = (typeof channels)[number]

export const REPEAT_MS = 4 * 3_600_000
export const ESCALATE_MS = 15 * 60_000
const GROWTH_MS = 60_000

/** One incident as the reference sees it. */
export interface RefIncident {
  readonly handler: number
  readonly openedAt: number
  /** Where it fires, and where it ever did. */
  readonly firing: Set<RouteNumber>
  readonly places: Set<RouteNumber>
  readonly hurt: Set<number>
  /** Kinds of messages that each channel is to get. */
  readonly messages: Readonly<Record<Channel, string[]>>
  toldAt: number
  ackedUntil: number
  hasGrown: boolean
  isOver: boolean
}

/**
 * The engine in its plainest form: one incident for each handler that fails, who is told of it, and what they are told
 * afterwards. It knows neither disk nor outbox: what it says is what people must have heard in the end.
 */
export class EngineReference {
  readonly incidents: RefIncident[] = []
  readonly #streaks = handlers.map(() => new StreakReference())
  #silences: { readonly route: RouteNumber | undefined; readonly until: number }[] = []

  decide(route: RouteNumber, arrival: number, { succeeds, now }: { succeeds: boolean; now: number }): void {
    const streak = this.#streaks[route]!
    const wasFiring = streak.isFiring
    streak.decide(arrival, succeeds)
    if (!wasFiring && streak.isFiring) this.#fire(route, streak.failed, now)
    const open = this.open().find(({ firing }) => firing.has(route))
    if (!succeeds) open?.hurt.add(arrival)
    if (!wasFiring || streak.isFiring || open === undefined) return
    open.firing.delete(route)
    if (open.firing.size > 0) return
    open.isOver = true
    for (const channel of channels) {
      if (open.messages[channel].length > 0) open.messages[channel].push('resolved')
    }
  }

  acknowledge(until: number): void {
    for (const open of this.open()) open.ackedUntil = until
  }

  silence(route: RouteNumber | undefined, until: number): void {
    this.#silences.push({ route, until })
  }

  endSilences(): void {
    this.#silences = []
  }

  tick(now: number): void {
    for (const open of this.open()) {
      const audience = this.#audience(open, now)
      const late = audience.filter((channel) => open.messages[channel].length === 0)
      for (const channel of late) open.messages[channel].push('firing')
      const isWanted = now >= open.ackedUntil
      const isDue = now - open.toldAt >= (open.hasGrown ? GROWTH_MS : REPEAT_MS)
      if (audience.length === 0 || !isWanted || !isDue) continue
      open.toldAt = now
      open.hasGrown = false
      for (const channel of audience) if (!late.includes(channel)) open.messages[channel].push('reminder')
    }
  }

  open(): RefIncident[] {
    return this.incidents.filter(({ isOver }) => !isOver)
  }

  /** How many messages a channel is to have got by now. */
  expected(channel: Channel): number {
    return this.incidents.reduce((sum, { messages }) => sum + messages[channel].length, 0)
  }

  #fire(route: RouteNumber, failed: ReadonlySet<number>, now: number): void {
    const handler = handlers[route]
    const open = this.open().find((each) => each.handler === handler)
    if (open !== undefined) {
      open.hasGrown ||= !open.places.has(route)
      open.firing.add(route)
      open.places.add(route)
      for (const each of failed) open.hurt.add(each)
      return
    }
    const incident: RefIncident = {
      handler,
      openedAt: now,
      firing: new Set([route]),
      places: new Set([route]),
      hurt: new Set(failed),
      messages: { slack: [], email: [], pager: [] },
      toldAt: now,
      ackedUntil: 0,
      hasGrown: false,
      isOver: false,
    }
    this.incidents.push(incident)
    for (const channel of this.#audience(incident, now)) incident.messages[channel].push('firing')
  }

  #audience({ places, ackedUntil, openedAt }: RefIncident, now: number): Channel[] {
    const isSilenced = this.#silences.some(
      ({ route, until }) =>
        now < until && [...places].every((place) => route === undefined || route === place),
    )
    if (isSilenced) return []
    const mayEscalate = now >= ackedUntil && now - openedAt >= ESCALATE_MS
    return channels.filter((channel) => channel !== 'pager' || mayEscalate)
  }
}
