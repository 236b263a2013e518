import type { AlertEngine } from '../alerts/engine.ts'
import type { Config } from '../config/schema.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { alertSettings } from './alert-settings.ts'
import type { Current } from './current.ts'
import { policyOf, withBase } from './policy.ts'

export interface RouteTakers {
  readonly current: Current
  /** Stands in where there is no `public_url`; see withBase. */
  readonly base: string
  readonly metrics: Metrics
  readonly alerts: AlertEngine
}

/** Puts the routes of a configuration in force: for callbacks, metrics and alerts. Throws before anything changed. */
export function takeRoutes(config: Config, { current, base, metrics, alerts }: RouteTakers): void {
  const policy = withBase(policyOf(config, current.policy.table.registrations.list()), config, base)
  const settings = alertSettings(config)
  current.policy = policy
  metrics.setRoutes(policy.table.routes)
  alerts.configure(policy.table.routes, settings)
}
