import type { Current } from './current.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { Secret } from '../config/secret.ts'
import type { AddressPolicy } from '../forward/address.ts'
import type { Outside } from '../forward/outside.ts'
import type { LedgerReader } from '../ledger/ledger.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Reconciler, type ReconcileSettings } from '../reconcile/reconciler.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** How far back the first callback of an account is looked for; before that it was certainly seen. */
const LOOK_BACK_MS = 7 * 24 * HOUR_MS

export function openReconciler(parts: {
  readonly clock: Clock
  readonly current: Current
  readonly outsideOf: (policy: AddressPolicy) => Outside
  readonly reader: LedgerReader
  readonly metrics: Metrics
  readonly log: Log['pino']
}): Reconciler {
  const { clock, current, outsideOf, reader, metrics, log } = parts
  /** Accounts that were seen before a moment were seen before every later one. */
  const seenBefore = new Map<string, number>()

  async function firstSeenAt(account: string, sinceMs: number): Promise<number | undefined> {
    const known = seenBefore.get(account)
    if (known !== undefined && known <= sinceMs) return known
    const own = current.policy.table.routes.filter((each) => each.account === account)
    const ids = new Set(own.map(({ id }) => id))
    const firstOf = async (from: number, stepMs: number): Promise<number | undefined> => {
      const stretches = await reader.history(from, stepMs)
      const times = stretches.filter(({ route }) => ids.has(route)).map(({ at }) => at)
      return times.length === 0 ? undefined : Math.min(...times)
    }
    const hour = await firstOf(Math.max(0, sinceMs - LOOK_BACK_MS), HOUR_MS)
    if (hour === undefined) return undefined
    const first = hour + HOUR_MS <= sinceMs ? hour : ((await firstOf(hour, MINUTE_MS)) ?? hour)
    seenBefore.set(account, first)
    return first
  }

  return new Reconciler({
    clock,
    settings: () => settingsOf(current.loaded.config),
    fetch: () => outsideOf(current.addresses).fetch,
    callbacksOf: (callId) => reader.call(callId),
    firstSeenAt,
    onRead: (report) => {
      metrics.reconciled(report)
      const { account, problem, calls } = report
      if (problem === '') log.info({ account, calls }, 'call records reconciled')
      else log.warn({ account, problem }, 'call records could not be read')
    },
  })
}

/** Undefined without the section. Accounts that have no key for the API are named by the check of the configuration. */
function settingsOf({ reconciliation, accounts }: Config): ReconcileSettings | undefined {
  if (reconciliation === undefined) return undefined
  const { api_base, every, lookback, settle, numbers, contexts } = reconciliation
  const isMeant = (id: string): boolean =>
    reconciliation.accounts.length === 0 || reconciliation.accounts.includes(id)
  return {
    apiBase: api_base.replace(/\/+$/, ''),
    everyMs: every,
    lookbackMs: lookback,
    settleMs: settle,
    numbers,
    contexts,
    accounts: accounts.flatMap(({ id, auth_token }) => {
      const token = auth_token instanceof Secret ? auth_token : auth_token?.[0]
      return token === undefined || !isMeant(id) ? [] : [{ id, authToken: token.reveal() }]
    }),
  }
}
