import { z } from 'zod'

import { breaker, defaults, ledger, rescue, store } from './schema/delivery.ts'
import { account, route } from './schema/handlers.ts'
import { alerts, notify } from './schema/notify.ts'
import { admin, capture, listen, metrics, reconciliation, tls, workers } from './schema/ports.ts'
import { duration } from './schema/terms.ts'
import type { Secret, SecretRef } from './secret.ts'

// One entry a key: type, default, bounds and the sentence that docs/configuration.md prints. What one key must be
// beside another is in rules/. Secrets stay references here; load.ts puts a Secret in the place of each.

/** The whole file. Unknown keys are errors everywhere. */
export const fileSchema = z.strictObject({
  public_url: z.string().optional().meta({
    description: 'What Vobiz dials, https (http only for localhost). URL signatures are checked against it.',
  }),
  listen,
  workers,
  tls,
  trusted_proxies: z.array(z.string()).default([]).meta({
    description: 'Addresses or ranges of proxies in front of Ringback whose X-Forwarded-For is believed.',
  }),
  provider_addresses: z.array(z.string()).default([]).meta({
    description:
      'Addresses or ranges that callbacks may come from; others are refused with 403. Empty: any. Vobiz documents 15.206.6.156, 35.154.59.246 and 15.207.8.226, and says that they may change; the signature is the proof, this is one lock more. Behind a proxy set `trusted_proxies` too.',
  }),
  admin,
  metrics,
  store,
  allow_targets: z.array(z.string()).default([]).meta({
    description:
      'Private ranges that may be dialled, such as `10.0.0.0/8`; every other private, loopback or metadata address is refused.',
  }),
  defaults,
  rescue,
  breaker,
  ledger,
  accounts: z
    .array(account)
    .prefault([])
    .meta({ description: 'Vobiz accounts, with their keys and handlers.' }),
  routes: z
    .array(route)
    .prefault([])
    .meta({ description: 'Any other handler: a path prefix in front of it.' }),
  replay_window: duration('How long signed requests are remembered to refuse or answer repeats.', [
    '1m',
    '7d',
  ]).prefault('10m'),
  alerts,
  notify,
  capture,
  reconciliation,
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .meta({ description: 'Least level that is written.' }),
    })
    .prefault({})
    .meta({ description: 'The log, JSON lines on standard output.' }),
})

/** The file as it was read and checked, with defaults filled in; secrets are still references. */
export type FileConfig = z.infer<typeof fileSchema>

/** A checked value with a Secret wherever it held a reference to one. */
type Resolved<T> = T extends SecretRef
  ? Secret
  : T extends readonly (infer Item)[]
    ? readonly Resolved<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Resolved<T[Key]> }
      : T

/** The effective configuration: checked, defaults filled in, durations in milliseconds, sizes in bytes, secrets read. */
export type Config = Resolved<FileConfig>
export type AccountConfig = Config['accounts'][number]
export type RouteConfig = Config['routes'][number]
