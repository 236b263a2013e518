import type { Maintenance, Wants } from '../alerts/incidents/audience.ts'
import type { AlertSettings } from '../alerts/engine-options.ts'
import { parseSpan, type Span } from '../alerts/rules/schedule.ts'
import type { Config } from '../config/schema.ts'
import { channelNames } from './channels.ts'
import { alertThresholds } from '../routing/alert-thresholds.ts'

/** When people are told, as the alert engine takes it. */
export function alertSettings(config: Config): AlertSettings {
  const { alerts } = config
  const { fires, within, hold } = alerts.flapping
  return {
    thresholds: {
      consecutiveFailures: alerts.consecutive_failures,
      resolveAfter: alerts.resolve_after,
      withinMs: alerts.within,
    },
    routeThresholds: new Map(
      [...alertThresholds(config)].map(([route, failures]) => [route, { consecutiveFailures: failures }]),
    ),
    rules: alerts.rules,
    routeRules: new Map(Object.entries(alerts.routes)),
    flapping: { fires, withinMs: within, holdMs: hold },
    wants: wantsOf(config),
    maintenance: alerts.maintenance.map(maintenanceOf),
    repeatEveryMs: alerts.repeat_every,
    linkUrl: alerts.link_url,
    dashboardUrl: alerts.dashboard_url,
  }
}

function wantsOf({ alerts, notify }: Config): ReadonlyMap<string, Wants> {
  return new Map(
    channelNames.flatMap((name) => {
      const channel = notify[name]
      if (channel === undefined) return []
      const { severities, routes, rules, quiet_hours, timezone } = channel
      const afterMs = alerts.escalation?.channels.includes(name) === true ? alerts.escalation.after : 0
      return [[name, { severities, routes, rules, quietHours: spansOf(quiet_hours), timezone, afterMs }]]
    }),
  )
}

function maintenanceOf({ name, at, timezone, routes }: Config['alerts']['maintenance'][number]): Maintenance {
  return { name, at: spansOf(at), timezone, routes }
}

/** The schema has let through only what can be read. */
function spansOf(texts: readonly string[]): readonly Span[] {
  return texts.flatMap((text) => parseSpan(text) ?? [])
}
