import { schedule } from 'node-cron'

/** One entry of the timetable. */
export interface Job {
  readonly name: string
  /** Cron expression, five or six fields (https://www.npmjs.com/package/node-cron). */
  readonly at: string
  /** IANA time zone of `at`; UTC when absent. */
  readonly timezone?: string | undefined
  run(): Promise<void>
}

export interface Timetable {
  /** Starts no new runs and waits for the ones under way. */
  close(): Promise<void>
}

/** Runs jobs by the clock. A job that is still running is not started again; a job that fails is told and goes on next time. */
export function startTimetable(
  jobs: readonly Job[],
  onFailure: (job: string, error: unknown) => void,
): Timetable {
  const underWay = new Set<Promise<void>>()
  const tasks = jobs.map((job) =>
    schedule(
      job.at,
      async () => {
        const run = job.run().catch((error: unknown) => {
          onFailure(job.name, error)
        })
        underWay.add(run)
        await run
        underWay.delete(run)
      },
      { name: job.name, timezone: job.timezone ?? 'UTC', noOverlap: true },
    ),
  )
  return {
    async close() {
      await Promise.all(tasks.map(async (task) => task.destroy()))
      await Promise.all(underWay)
    },
  }
}
