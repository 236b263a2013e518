import { readFileSync } from 'node:fs'

import type { Config } from './config/schema.ts'
import type { TlsFiles } from './ingress/server.ts'

/** Certificate and key of the public port, read afresh. */
export function readTlsFiles(tls: NonNullable<Config['tls']>): TlsFiles {
  return { cert: readFileSync(tls.cert), key: readFileSync(tls.key) }
}
