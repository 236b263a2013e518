import type { Role, Route, Target } from '../callback/route.ts'
import type { StreakRow } from '../callback/streak.ts'
import type { Clock } from '../clock.ts'
import type { AlertStore, IncidentRow } from '../ledger/alert-store.ts'
import type { Message } from '../notify/notifier.ts'
import type { Maintenance, Wants } from './incidents/audience.ts'
import type { FlapSettings } from './flap.ts'
import type { Telling } from './incidents/incident-desk.ts'
import type { PastCallback } from './incidents/recall.ts'
import type { Finding, Rule, Thresholds } from './rule.ts'
import type { RuleOverrides, RuleSettings } from './rules/settings.ts'
import type { Standing } from './standing-watch.ts'
import type { TargetChange } from './target-changes.ts'

/** When and how people are told; from the configuration. */
export interface AlertSettings extends Telling {
  /** For routes without their own. */
  readonly thresholds: Thresholds
  /** By route id. */
  readonly routeThresholds: ReadonlyMap<string, Partial<Thresholds>>
  readonly rules: RuleSettings
  /** By route id. */
  readonly routeRules: ReadonlyMap<string, RuleOverrides>
  readonly flapping: FlapSettings
  /** By channel; one that is missing is told everything. */
  readonly wants: ReadonlyMap<string, Wants>
  readonly maintenance: readonly Maintenance[]
}

export interface AlertEngineOptions {
  readonly clock: Clock
  readonly store: AlertStore
  readonly settings: AlertSettings
  readonly routes: readonly Route[]
  /** Names of the channels that are told. */
  readonly channels: () => readonly string[]
  readonly newId: (nowMs: number) => string
  /** Streaks as the ledger folded them: where the engine takes up again after a restart. */
  readonly streaks: () => Promise<readonly StreakRow[]>
  /** Callbacks with their attempts, to show failures from before a restart; those that are gone are left out. */
  readonly callbacksOf: (ids: readonly string[]) => Promise<readonly PastCallback[]>
  /** How things stand now: rescue queue, certificates, ledger. */
  readonly standing?: () => Standing
  /** Is a target skipped at present, but for probes? Left out, messages say nothing of it. */
  readonly isSkipped?: (target: Target) => boolean
  /** What changed at a server lately, by its host name; newest first. */
  readonly changesOf?: (hostname: string) => readonly TargetChange[]
  readonly onStreak: (route: string, target: Role, failures: number) => void
  readonly onFiring: (route: string, rule: Rule, isFiring: boolean) => void
  /** Where replicas share the ledger: whether this one decides about incidents. Always, without it. */
  readonly isLeading?: () => boolean
  /** Where replicas share the ledger: whether streaks are folded from what passes here because the ledger is away. */
  readonly foldsHere?: () => boolean
  /** An incident was opened or closed, for the log. */
  readonly onIncident?: (incident: IncidentRow, change: 'fires' | 'resolved') => void
  /** Messages wait in the outbox. */
  readonly onNotifications: () => void
  /** The store cannot be written: this must reach people all the same. */
  readonly onUnstored: (message: Message, channels: readonly string[]) => void
  /** The store did not take a write; it is tried again with every tick. */
  readonly onProblem: (error: unknown) => void
}

/** How one rule stands on one route. */
export interface Explanation {
  readonly route: string
  readonly rule: Rule
  readonly target: string
  readonly is_on: boolean
  readonly is_firing: boolean
  readonly verdict: Finding['verdict']
  readonly value: number
  readonly reason: string
  /** Why nobody is told of it although it fires; empty when somebody is. */
  readonly held: string
}
