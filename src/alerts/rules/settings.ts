// What can be tuned of each rule, with the names of the configuration; durations are milliseconds, shares 0 to 1.

interface Switch {
  readonly enabled: boolean
}

interface Windowed extends Switch {
  readonly window: number
}

interface ShareRule extends Windowed {
  /** Fires above this share. */
  readonly above: number
  /** Fewer callbacks in the window decide nothing. */
  readonly min_callbacks: number
}

interface CountRule extends Windowed {
  /** Fires at this many in the window. */
  readonly at_least: number
}

export interface SlowSettings extends ShareRule {
  /** Slow means longer than this share of the deadline. */
  readonly of_deadline: number
}

export interface SilenceSettings extends Switch {
  /** Longest silence while callbacks are due. */
  readonly after: number
  /** Events that count as a sign of life; empty means all. */
  readonly events: readonly string[]
  /** When callbacks are due, such as `mon-fri 08:00-20:00`; empty means as in the weeks before. */
  readonly active_hours: readonly string[]
  readonly timezone: string
  /** Dates such as 2026-12-25 on which nothing is due. */
  readonly quiet_days: readonly string[]
}

export interface StuckSettings extends Switch {
  /** Longest time from answered to completed. */
  readonly max_duration: number
  readonly at_least: number
}

export interface RuleSettings {
  /** Its limits are thresholds of their own; see Thresholds. */
  readonly consecutive_failures: Switch
  readonly failure_rate: ShareRule
  readonly slow_responses: SlowSettings
  readonly deadline_misses: CountRule
  readonly no_callbacks: SilenceSettings
  readonly stuck_calls: StuckSettings
  readonly signature_failures: CountRule
  readonly fallback_in_use: ShareRule
  readonly backlog_age: Switch & { readonly above: number }
  readonly dead_letters: Switch & { readonly at_least: number }
  readonly target_certificate_expiry: Switch & { readonly within: number }
  readonly ledger_unhealthy: Switch & { readonly after: number }
  readonly reconciliation: Switch & { readonly at_least: number }
}

/** What a route changes of the general settings, rule by rule. */
export type RuleOverrides = {
  readonly [Name in keyof RuleSettings]?:
    { readonly [Key in keyof RuleSettings[Name]]?: RuleSettings[Name][Key] | undefined } | undefined
}

/** The general settings with what a route changes of them. */
export function settingsOf(general: RuleSettings, own: RuleOverrides): RuleSettings {
  const merged = Object.entries<Switch>({ ...general }).map(([name, settings]) => {
    const changes = own[name as keyof RuleSettings] ?? {}
    const set = Object.entries<unknown>(changes).filter(([, value]) => value !== undefined)
    return [name, { ...settings, ...Object.fromEntries(set) }] as const
  })
  return Object.fromEntries(merged) as unknown as RuleSettings // the keys are those of `general`
}
