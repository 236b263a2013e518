import { join } from 'node:path'

import type { AdminAccess } from '../admin/access/gate.ts'
import type { AdminOptions } from '../admin/server.ts'
import type { Config } from '../config/schema.ts'
import { hostAndPort } from '../config/units.ts'
import { home } from '../home.ts'

/**
 * How the private port listens, which stays as it is, and whom it answers.
 *
 * @param config gives the one in force
 */
export function adminOptions(config: () => Config, version: string): AdminOptions {
  let taken = config()
  let access = accessOf(taken)
  return {
    ...hostAndPort(taken.admin.listen),
    access() {
      const now = config()
      if (now !== taken) [taken, access] = [now, accessOf(now)]
      return access
    },
    version,
    pageFolder: join(home, 'dist/ui'),
  }
}

function accessOf({ admin, alerts }: Config): AdminAccess {
  return {
    tokens: admin.tokens,
    hasPublicMetrics: admin.public_metrics,
    hostNames: alerts.link_url === undefined ? [] : [new URL(alerts.link_url).hostname],
  }
}
