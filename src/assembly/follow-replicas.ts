import type { AlertEngine } from '../alerts/engine.ts'
import type { Sharing } from '../ledger/sharing.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../notify/outbox.ts'
import type { OpenLedger } from './open-ledger.ts'

const MARKERS_REACH_MS = 86_400_000
const KEPT_MARKERS = 100

export interface ReplicaParts {
  readonly sharing: Sharing
  readonly ledger: Pick<OpenLedger, 'alerts' | 'reader'>
  readonly outbox: Outbox
  readonly onProblem: (error: unknown) => void
  readonly log: Log['pino']
}

/**
 * Keeps the alert engine of a replica abreast of all others: what they decided, streaks as the ledger folded them, who
 * opened, closed or acknowledged what. So the one that takes the lead goes on where the last one stopped.
 */
export function followReplicas(
  engine: AlertEngine,
  { sharing, ledger, outbox, onProblem, log }: ReplicaParts,
): { tick(now: number): void } {
  let wasLeading = false
  let isUnderWay = false

  async function follow(now: number): Promise<void> {
    const { alerts, reader } = ledger
    engine.hear(await sharing.heard())
    const [streaks, open, silences, markers] = await Promise.all([
      reader.streaks(),
      alerts.incidents({ open: true, limit: Number.MAX_SAFE_INTEGER }),
      alerts.silences(now),
      alerts.markers(now - MARKERS_REACH_MS, KEPT_MARKERS),
    ])
    await engine.adopt({ at: now, streaks, open, silences, markers })
    const isLeading = sharing.isLeading()
    // Whoever led before may have ended in the middle of a message.
    if (isLeading && !wasLeading) {
      await outbox.start()
      engine.takeLead()
    }
    if (isLeading !== wasLeading) {
      log.info(isLeading ? 'this replica evaluates alerts from now on' : 'another replica evaluates alerts')
    }
    wasLeading = isLeading
  }

  return {
    tick(now) {
      if (isUnderWay || sharing.isAway()) return
      isUnderWay = true
      follow(now)
        .catch(onProblem)
        .finally(() => (isUnderWay = false))
    },
  }
}
