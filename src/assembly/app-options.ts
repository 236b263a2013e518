import type { LoadedConfig } from '../config/load.ts'
import type { SqliteThreads } from '../ledger/sqlite/threads.ts'
import type { Log } from '../log.ts'
import type { Reloaded } from './reload.ts'
import type { TrialHandler } from '../trial/handler.ts'

export interface AppOptions {
  readonly loaded: LoadedConfig
  /** Loads the configuration afresh; undefined where there is no file. */
  readonly reload: (() => LoadedConfig) | undefined
  readonly log: Log
  readonly version: string
  readonly nodeVersion: string
  /** The sample handler of the trial configuration. */
  readonly trial: TrialHandler | undefined
  /** Of a SQLite ledger, where they load already. */
  readonly ledgerThreads?: SqliteThreads | undefined
  /** Descriptor of a listening socket to serve callbacks on, instead of binding `listen`. */
  readonly inheritedSocket?: number | undefined
  /** Told of an error that is ours and that nobody foresaw; the process ends on it. */
  readonly onOwnFailure: (error: unknown) => void
}

/** The running daemon. */
export interface App {
  /** `HOST:PORT` as bound. */
  readonly publicAddress: string
  readonly adminAddress: string
  /** Of the port in front of the provider's API; undefined without one. */
  readonly captureAddress: string | undefined
  /** Takes over what changed. Throws a RingbackError `config`, and keeps everything, when the new file is not usable. */
  reload(): Reloaded
  /** Readiness off, what is under way finished, the ledger committed. */
  close(): Promise<void>
}
