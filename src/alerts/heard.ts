import type { Delivery } from '../callback/attempt.ts'
import type { Callback } from '../callback/callback.ts'
import type { Facts } from '../callback/event.ts'
import type { Route } from '../callback/route.ts'
import type { StreakRow } from '../callback/streak.ts'
import type { IncidentRow, MarkerRow, SilenceRow } from '../ledger/alert-store.ts'

/** A callback as far as rules look at it: one of this process, or one that another replica tells of. */
export interface SeenCallback {
  readonly callback: Pick<Callback, 'id' | 'receivedAt'>
  readonly route: Route
  readonly facts: Pick<Facts, 'event' | 'callId'>
}

export type SeenEnd = Pick<Delivery, 'result' | 'answerMs' | 'lastOutcome' | 'fence'>

/** What stands in a ledger that replicas share, whoever put it there. */
export interface SharedState {
  /** When it was read, milliseconds since the epoch. */
  readonly at: number
  readonly streaks: readonly StreakRow[]
  readonly open: readonly IncidentRow[]
  readonly silences: readonly SilenceRow[]
  readonly markers: readonly MarkerRow[]
}
