import type { Attempt } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Clock } from '../clock.ts'
import type { BacklogLimits, WaitingCalls } from './backlog.ts'
import { type Fate, fateOf } from './schedule.ts'
import { sizeOf } from './size.ts'

/** How the pipeline hands a callback over to be delivered later. All of it is answered from memory, at once. */
export interface RescueDoor {
  /** Does an earlier callback of this call still wait on the route? Then a later one queues behind it. */
  isBehind(exchange: Exchange): boolean
  /** Takes a place in the backlog; false when that is at its limit. */
  enter(exchange: Exchange): boolean
  /** Gives the place back: it does not wait after all. */
  leave(exchange: Exchange): void
  /** When a callback is to be tried again that these attempts did not deliver, or that it never is. */
  fateOf(attempts: readonly Attempt[]): Fate
  /** It waits now, durably; the worker may have it. */
  took(exchange: Exchange): void
  /** Its row may come to wait any moment, but it is being delivered after all: until `letGo` the worker leaves it alone. */
  hold(exchange: Exchange): void
  letGo(exchange: Exchange): void
}

export interface DoorParts {
  readonly clock: Clock
  readonly random: () => number
  readonly waiting: WaitingCalls
  /** Ids of callbacks that the worker must not deliver. */
  readonly held: Set<string>
  readonly settings: () => {
    readonly schedule: readonly number[]
    readonly orderWaitMs: number
    readonly limits: BacklogLimits
  }
  readonly wake: () => void
}

export function createDoor({ clock, random, waiting, held, settings, wake }: DoorParts): RescueDoor {
  return {
    isBehind({ route, facts }) {
      const since = waiting.since(route.id, facts.callId)
      return since !== undefined && clock.wall() - since < settings().orderWaitMs
    },
    enter(exchange) {
      const bytes = sizeOf(exchange)
      if (!waiting.hasRoom(bytes, settings().limits)) return false
      waiting.enter(memberOf(exchange, bytes), clock.wall())
      return true
    },
    leave: (exchange) => waiting.leave(memberOf(exchange, sizeOf(exchange))),
    fateOf: (attempts) =>
      fateOf(attempts, { schedule: settings().schedule, step: 0, nowMs: clock.wall(), random: random() }),
    took: wake,
    hold: ({ callback }) => held.add(callback.id),
    letGo: ({ callback }) => held.delete(callback.id),
  }
}

function memberOf({ route, facts }: Exchange, bytes: number) {
  return { route: route.id, callId: facts.callId, bytes }
}
