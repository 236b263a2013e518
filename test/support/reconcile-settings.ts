import type { ReconcileSettings } from '../../src/reconcile/reconciler.ts'
import { VobizStandIn } from './vobiz-stand-in.ts'

const MINUTE = 60_000

/** One account whose records the stand-in serves, read every quarter of an hour. */
export function reconcileSettings({ origin }: VobizStandIn): ReconcileSettings {
  return {
    apiBase: origin,
    everyMs: 15 * MINUTE,
    lookbackMs: 120 * MINUTE,
    settleMs: 10 * MINUTE,
    numbers: [],
    contexts: [],
    accounts: [{ id: 'MA_TEST123', authToken: VobizStandIn.token }],
  }
}
