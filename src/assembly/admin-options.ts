import { fileURLToPath } from 'node:url'

import type { AdminOptions } from '../admin/server.ts'
import type { Config } from '../config/schema.ts'
import { hostAndPort } from '../config/units.ts'

/** How the private port listens, and to whom it answers. */
export function adminOptions({ admin, alerts }: Config, version: string): AdminOptions {
  return {
    ...hostAndPort(admin.listen),
    tokens: admin.tokens,
    hasPublicMetrics: admin.public_metrics,
    hostNames: alerts.link_url === undefined ? [] : [new URL(alerts.link_url).hostname],
    version,
    // Built beside the compiled code, so the same from src/ and from dist/.
    pageFolder: fileURLToPath(new URL('../../dist/ui', import.meta.url)),
  }
}
