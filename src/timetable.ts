import type { Clock } from './clock.ts'
import type { Config } from './config/schema.ts'
import type { Job } from './jobs.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Policy } from './pipeline.ts'

export interface TimetableSources {
  /** The configuration in force. */
  readonly config: () => Config
  readonly policy: () => Policy
  readonly ledger: OpenLedger
  readonly clock: Clock
}

/** What the daemon does by the clock. */
export function jobsOf(sources: TimetableSources): readonly Job[] {
  const { clock, ledger } = sources
  return [
    {
      name: 'retention',
      at: '17 * * * *',
      async run() {
        const { keep, max_size } = sources.config().ledger
        const nowMs = clock.wall()
        await ledger.retention.prune({ olderThanMs: nowMs - keep, maxBytes: max_size, nowMs })
        await ledger.alerts.pruneAlerts(nowMs - keep)
      },
    },
    {
      name: 'expiry of per-call URLs',
      at: '* * * * *',
      run() {
        sources.policy().table.registrations.expire(clock.wall())
        return Promise.resolve()
      },
    },
  ]
}
