import type { RouteScope } from '../callback/route.ts'

// The configuration in force, and what it makes of a callback, in the JSON of the admin API; part of api.ts.

/** One setting as it is in force. */
export interface SettingView {
  /** Entries of lists by their id, such as `accounts.MA_TEST123.auth_token`. */
  readonly path: string
  /** As the file would write it; `(secret)` for a secret; null where nothing is set. */
  readonly value: string | number | boolean | readonly (string | number | boolean)[] | null
  readonly origin: 'file' | 'default' | 'trial'
  /** Line of the file that sets it, from 1; null where none does. */
  readonly line: number | null
  /** The setting that it takes its value from, such as `defaults.deadline`; empty when it has its own. */
  readonly inherited_from: string
  readonly is_secret: boolean
  /** False for a secret that is not there, and for what begins with the next start. */
  readonly is_set: boolean
  /** Where a secret comes from, such as `env VOBIZ_AUTH_TOKEN`; several while it rotates. */
  readonly secret_from: readonly string[]
  /** A change of it takes effect after a restart only. */
  readonly needs_restart: boolean
  /** The file says something else by now: the value is the one in force until the restart. */
  readonly waits_for_restart: boolean
  /** What it means, from the reference; may be empty. */
  readonly meaning: string
}

export interface ConfigurationView {
  /** The file, or `trial configuration`. */
  readonly source: string
  readonly loaded_at: number
  /** What was wrong with the last reload; empty when it was taken over. */
  readonly problem: string
  readonly rows: readonly SettingView[]
}

/** One setting that differs from what is in force. */
export interface ChangeView {
  readonly field: string
  /** In words, without secrets: `changed from 3s to 5s`, `added`, `removed`. */
  readonly text: string
  readonly needs_restart: boolean
}

export interface ReloadRequest {
  /** Only say what would change. */
  readonly dry_run?: boolean | undefined
  /** For the audit log. */
  readonly reason?: string | undefined
}

export interface ReloadResult {
  readonly dry_run: boolean
  readonly changes: readonly ChangeView[]
  /** What works in the file and is doubtful, each with its line. */
  readonly warnings: readonly string[]
}

/** A callback whose way is to be explained: one of the ledger by its id, or one that is made up. */
export interface ExplainRequest {
  readonly callback?: string | undefined
  /** Path or URL, with or without query. */
  readonly path?: string | undefined
  readonly method?: 'GET' | 'POST' | undefined
  /** JSON or a form, as the provider would send it. */
  readonly body?: string | undefined
}

/** One place where the callback could have found its route. */
export interface RouteStepView {
  readonly scope: RouteScope
  /** Id of the route there; empty where there is none. */
  readonly route: string
  readonly is_chosen: boolean
  /** Why it was taken or passed over. */
  readonly why: string
}

/** Which route a callback goes to under the configuration in force, and why. */
export interface RouteExplanation {
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** What was read of the callback; texts empty where it names nothing. */
  readonly facts: {
    readonly event: string
    readonly call_id: string
    readonly account: string
    readonly application: string
    readonly trunk: string
  }
  /** Most specific first. */
  readonly steps: readonly RouteStepView[]
  /** Id of the route; null when nothing takes it. */
  readonly route: string | null
  /** What the route does with it: signature, filter, kind, handlers, each a sentence. */
  readonly effects: readonly string[]
  /** What is to be known of the explanation itself, such as that the body is not kept. */
  readonly remarks: readonly string[]
}
