import type { Config } from '../config/schema.ts'
import { callRouteId } from './build-route.ts'

/** By route id: how many failures in a row fire the alert there. */
export function alertThresholds(config: Config): ReadonlyMap<string, number> {
  const general = config.alerts.consecutive_failures
  return new Map([
    ...config.accounts.flatMap((account) => {
      const usual = account.consecutive_failures ?? general
      return [
        [account.id, usual] as const,
        [callRouteId(account.id), usual] as const,
        ...[...account.applications, ...account.trunks].map(
          (each) => [each.id, each.consecutive_failures ?? usual] as const,
        ),
      ]
    }),
    ...config.routes.map((route) => {
      const account = config.accounts.find((each) => each.id === route.account)
      return [route.id, route.consecutive_failures ?? account?.consecutive_failures ?? general] as const
    }),
  ])
}
