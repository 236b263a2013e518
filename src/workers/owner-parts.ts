import type { IdMaker } from '../callback/id.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Pipeline, Policy } from '../pipeline.ts'
import type { Recorder } from '../record.ts'
import type { Orders, WorkerPolicy } from './messages.ts'

/** What the owner's side of the workers works with. */
export interface OwnerParts {
  readonly clock: Clock
  readonly newId: IdMaker
  readonly pipeline: Pipeline
  readonly recorder: Recorder
  readonly log: Log['pino']
  readonly orders: Orders
  /** Descriptor of the listening socket. */
  readonly socket: number
  /** The policy in force, and what a worker has to know of it. */
  readonly policy: () => Policy
  readonly workerPolicy: () => WorkerPolicy
  /** A callback more or less is under way. */
  readonly inFlight: (change: 1 | -1) => void
  /** Told what the name of a target stands for, and when its certificate expires. */
  readonly onResolved: (host: string, addresses: readonly string[]) => void
  readonly onCertificate: (origin: string, expiresAt: number) => void
  /** A worker ended that nobody told to. */
  readonly onLost: () => void
  /** Told of errors that are ours; the process ends on them. */
  readonly onOwnFailure: (error: unknown) => void
}
