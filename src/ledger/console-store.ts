import type { Synchronous } from './alert-store.ts'

/** One change that was asked for over the admin port. */
export interface AuditRow {
  readonly id: string
  readonly at: number
  /** Name of the token, or `local` where none is configured. */
  readonly who: string
  readonly role: string
  readonly peer: string
  /** Method and path, such as `POST /api/v1/incidents/ID/ack`; a token of a per-call URL is left out. */
  readonly action: string
  /** Why, in the words of whoever asked; may be empty. */
  readonly reason: string
  /** Status it was answered with. */
  readonly status: number
}

export interface AuditFilter {
  readonly since?: number | undefined
  readonly who?: string | undefined
  readonly limit: number
  /** Id of the last row of the page before. */
  readonly after?: string | undefined
}

/** What was found out about a refused request: words only, no header, no body, no signature. */
export interface DiagnosisRow {
  readonly callback_id: string
  readonly at: number
  /** JSON of the admin port’s own making. */
  readonly words: string
}

/** What the console keeps beside the callbacks. Bounded: the oldest go first. */
export interface ConsoleStore {
  audited(row: AuditRow): Promise<void>
  /** Newest first. */
  audits(filter: AuditFilter): Promise<readonly AuditRow[]>
  diagnosed(row: DiagnosisRow): Promise<void>
  diagnosis(callbackId: string): Promise<DiagnosisRow | undefined>
}

export type SynchronousConsoleStore = Synchronous<ConsoleStore>

/** Most rows that are kept of each. */
export const MOST_AUDITED = 20_000
export const MOST_DIAGNOSED = 2_000
