import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { KnownCallback } from './judge-call.ts'
import { noCalls, reconcileAccount, type Scope, type Window } from './reconcile-account.ts'
import type { ApiFetch } from './record-source.ts'
import type { AccountReport, CallFinding, ReconciliationView } from './report.ts'

/** What is reconciled and how often; from the configuration. Durations in milliseconds. */
export interface ReconcileSettings extends Scope {
  /** Without a slash at the end. */
  readonly apiBase: string
  readonly everyMs: number
  readonly lookbackMs: number
  /** A record younger than this is not looked at yet: its callbacks may still be on their way. */
  readonly settleMs: number
  readonly accounts: readonly { readonly id: string; readonly authToken: string }[]
}

export interface ReconcilerParts {
  readonly clock: Clock
  /** The settings in force; undefined where nothing is reconciled. */
  readonly settings: () => ReconcileSettings | undefined
  /** The way out, as the address policy in force allows it. */
  readonly fetch: () => ApiFetch
  readonly callbacksOf: (callId: string) => Promise<readonly KnownCallback[]>
  /** When the first callback of an account came, exactly only if that was after `sinceMs`; undefined for never. */
  readonly firstSeenAt: (account: string, sinceMs: number) => Promise<number | undefined>
  /** An account was read, or could not be. */
  readonly onRead: (report: AccountReport) => void
}

/** A reading that failed is tried again after so long, if the next one is not due sooner. */
const RETRY_MS = 60_000

interface AccountState {
  report: AccountReport
  findings: readonly CallFinding[]
  sendsEnds: boolean
  /** Since when its calls are judged if the ledger never saw any of them. */
  readonly watchedSince: number
}

/**
 * Compares the provider's call records with the ledger, account by account. Every reading judges its whole window
 * afresh and nothing is kept between them, so what was late is found to fit the next time.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts
  readonly #accounts = new Map<string, AccountState>()
  readonly #ending = new AbortController()
  #running: Promise<void> | undefined

  constructor(parts: ReconcilerParts) {
    this.#parts = parts
  }

  /** Call about once a second. */
  tick(): void {
    const settings = this.#settings()
    if (settings === undefined || this.#running !== undefined) return
    const now = this.#parts.clock.wall()
    const due = settings.accounts.filter(({ id }) => now >= dueAt(this.#stateOf(id).report, settings))
    if (due.length > 0) this.#start({ ...settings, accounts: due })
  }

  /** Reads all accounts now; resolves when that is done. */
  async run(): Promise<void> {
    await this.#running
    const settings = this.#settings()
    if (settings !== undefined && this.#running === undefined) this.#start(settings)
    await this.#running
  }

  /** Of every account that is reconciled, also before it was read. */
  report(): ReconciliationView {
    const settings = this.#settings()
    const states = (settings?.accounts ?? []).map(({ id }) => this.#stateOf(id))
    const findings = states.flatMap((state) => state.findings)
    return {
      is_configured: settings !== undefined,
      accounts: states.map(({ report }) => report),
      findings: findings.toSorted((a, b) => b.started_at - a.started_at),
    }
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  /** Forgets accounts that are no longer reconciled. */
  #settings(): ReconcileSettings | undefined {
    const settings = this.#parts.settings()
    const kept = new Set(settings?.accounts.map(({ id }) => id))
    for (const id of this.#accounts.keys()) if (!kept.has(id)) this.#accounts.delete(id)
    return settings
  }

  #start(settings: ReconcileSettings): void {
    this.#running = this.#readAll(settings).finally(() => {
      this.#running = undefined
    })
  }

  /** One after the other: nobody is in a hurry, and the reader of the ledger has others to answer. */
  async #readAll(settings: ReconcileSettings): Promise<void> {
    for (const { id, authToken } of settings.accounts) {
      const state = this.#stateOf(id)
      const ranAt = this.#parts.clock.wall()
      try {
        await this.#read(state, { settings, authToken, ranAt })
      } catch (error) {
        const problem = messageOf(error)
        const next_at = ranAt + Math.min(settings.everyMs, RETRY_MS)
        state.report = { ...state.report, ran_at: ranAt, next_at, problem }
      }
      if (this.#ending.signal.aborted) return
      this.#parts.onRead(state.report)
    }
  }

  async #read(
    state: AccountState,
    given: { readonly settings: ReconcileSettings; readonly authToken: string; readonly ranAt: number },
  ): Promise<void> {
    const { settings, authToken, ranAt } = given
    const { account } = state.report
    const { fetch, callbacksOf } = this.#parts
    const reading = await reconcileAccount(
      { apiBase: settings.apiBase, account, authToken, fetch: fetch(), signal: this.#ending.signal },
      {
        window: await this.#windowOf(state, settings, ranAt),
        scope: settings,
        callbacksOf,
        sendsEnds: state.sendsEnds,
      },
    )
    state.findings = reading.findings
    state.sendsEnds = reading.sendsEnds
    const next_at = ranAt + settings.everyMs
    state.report = { account, ran_at: ranAt, succeeded_at: ranAt, next_at, problem: '', ...reading.report }
  }

  /** Calls from before Ringback stood in front of an account have no callbacks here, and nothing is wrong with them. */
  async #windowOf(
    { report, watchedSince }: AccountState,
    { lookbackMs, settleMs }: ReconcileSettings,
    now: number,
  ): Promise<Window> {
    const to = now - settleMs
    const from = to - lookbackMs
    const seenAt = await this.#parts.firstSeenAt(report.account, from)
    return { from: Math.max(from, Math.min(seenAt ?? watchedSince, watchedSince)), to }
  }

  #stateOf(account: string): AccountState {
    let state = this.#accounts.get(account)
    if (state === undefined) {
      const now = this.#parts.clock.wall()
      const nothing = { ran_at: null, succeeded_at: null, problem: '', calls: noCalls, is_complete: true }
      const report = { account, next_at: now, from: now, to: now, ...nothing }
      state = { report, findings: [], sendsEnds: false, watchedSince: now }
      this.#accounts.set(account, state)
    }
    return state
  }
}

/** The time that was set, or an earlier one when a reload has made readings more frequent. */
function dueAt({ ran_at: ranAt, next_at: nextAt }: AccountReport, { everyMs }: ReconcileSettings): number {
  return ranAt === null ? nextAt : Math.min(nextAt, ranAt + everyMs)
}
