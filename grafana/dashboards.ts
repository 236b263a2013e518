import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { daemon } from './daemon.ts'
import { overview } from './overview.ts'
import { rescue } from './rescue.ts'
import { route } from './route.ts'
import { slo } from './slo.ts'

/** Every dashboard with the file under grafana/dashboards that holds it. */
export function dashboards(): ReadonlyMap<string, Dashboard> {
  return new Map([
    ['overview.json', overview()],
    ['route.json', route()],
    ['slo.json', slo()],
    ['rescue.json', rescue()],
    ['daemon.json', daemon()],
  ])
}

/** The text of a dashboard's file. */
export function dashboardJson(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, withoutSurplus, 2)}\n`
}

/**
 * Leaves out what the SDK adds to everything, but Grafana knows only of variables of the type `interval` (`auto…`) or no
 * longer (`footer`), and the placement of links and marks in a menu, where nobody sees them.
 */
function withoutSurplus(key: string, value: unknown): unknown {
  return surplus.has(key) || value === 'inControlsMenu' ? undefined : value
}

const surplus: ReadonlySet<string> = new Set(['auto', 'auto_min', 'auto_count', 'footer'])
