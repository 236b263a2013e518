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
  return `${JSON.stringify(dashboard, null, 2)}\n`
}
