import type { TargetChanges } from '../alerts/target-changes.ts'
import type { AppOptions } from './app-options.ts'
import type { Clock } from '../clock.ts'
import type { Current } from './current.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { OwnHandlers } from './own-handlers.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Recorder } from '../record.ts'

export interface PublicPortParts extends Pick<AppOptions, 'inheritedSocket' | 'onOwnFailure'> {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly pipeline: Pipeline
  readonly recorder: Recorder
  readonly metrics: Metrics
  readonly current: Current
  readonly own: OwnHandlers
  readonly changes: TargetChanges
  readonly forwarder: Forwarder
  readonly log: Log['pino']
}
