import type { Clock } from '../clock.ts'
import type { Drills } from '../drill/drills.ts'
import { startTimetable, type Timetable } from '../jobs.ts'
import type { Log } from '../log.ts'
import type { Current } from './current.ts'
import type { OpenLedger } from './open-ledger.ts'
import { jobsOf } from './timetable.ts'

/** Starts what the daemon does by the clock. */
export function startJobs({
  current,
  log,
  ...sources
}: {
  readonly current: Current
  readonly ledger: OpenLedger
  readonly clock: Clock
  readonly renewCertificate: () => void
  readonly drills: Drills
  readonly dead: () => readonly { readonly route: string; readonly dead: number }[]
  readonly log: Log['pino']
}): Timetable {
  return startTimetable(
    jobsOf({ ...sources, config: () => current.loaded.config, policy: () => current.policy }),
    (job, error) => log.error({ job, err: error }, 'a job failed; it runs again at its next time'),
  )
}
