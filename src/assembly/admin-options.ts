import { join } from 'node:path'

import type { AdminOptions } from '../admin/server.ts'
import type { Config } from '../config/schema.ts'
import { hostAndPort } from '../config/units.ts'
import { home } from '../home.ts'

/** How the private port listens, and to whom it answers. */
export function adminOptions({ admin, alerts }: Config, version: string): AdminOptions {
  return {
    ...hostAndPort(admin.listen),
    tokens: admin.tokens,
    hasPublicMetrics: admin.public_metrics,
    hostNames: alerts.link_url === undefined ? [] : [new URL(alerts.link_url).hostname],
    version,
    pageFolder: join(home, 'dist/ui'),
  }
}
