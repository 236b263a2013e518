import type { Route } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { KeptExchange, RescueQueue } from '../ledger/rescue-queue.ts'
import type { Recorder } from '../record.ts'
import type { WaitingCalls } from './backlog.ts'
import type { PaceLimits } from './pace.ts'
import type { Recoveries } from './recoveries.ts'

export interface WorkerSettings extends PaceLimits {
  readonly schedule: readonly number[]
  readonly orderWaitMs: number
}

export interface WorkerParts {
  readonly clock: Clock
  readonly random: () => number
  readonly queue: RescueQueue
  readonly waiting: WaitingCalls
  /** Ids of callbacks that are being delivered elsewhere in this process. */
  readonly held: ReadonlySet<string>
  readonly recoveries: Recoveries
  readonly forwarder: Forwarder
  readonly recorder: Recorder
  readonly settings: () => WorkerSettings
  /** The route of a callback as it is in force now; undefined when none takes it any more. */
  readonly routeOf: (kept: KeptExchange) => Route | undefined
  /** By route id: when the next probe is due while every target is skipped, monotonic milliseconds; undefined when one is open. */
  readonly skippedUntil: (routeId: string) => number | undefined
  readonly onProblem: (error: unknown) => void
}
