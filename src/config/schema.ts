import { z } from 'zod'

import { longEventName } from '../callback/event.ts'
import type { Secret } from './secret.ts'
import { parseDuration, parseSize } from './units.ts'

// One entry a key: type, default, bounds and the sentence that docs/configuration.md prints. Durations become
// milliseconds and sizes bytes. Secrets stay references ({ env } or { file }) here; load.ts puts a Secret in
// the place of each.

const duration = (doc: string) =>
  z
    .string()
    .meta({ description: doc })
    .transform((text, context) =>
      parsed(parseDuration(text), 'must be a duration such as 500ms, 3s, 1h30m', context),
    )

const size = (doc: string) =>
  z
    .string()
    .meta({ description: doc })
    .transform((text, context) => parsed(parseSize(text), 'must be a size such as 64KiB, 20GB', context))

function parsed(value: number | undefined, complaint: string, context: z.RefinementCtx): number {
  if (value !== undefined) return value
  context.addIssue({ code: 'custom', message: complaint })
  return z.NEVER
}

/** A secret by reference, never by value. */
export const secretRef = z.union([
  z.strictObject({ env: z.string().min(1).meta({ description: 'Name of an environment variable.' }) }),
  z.strictObject({
    file: z.string().min(1).meta({ description: 'Path of a file; one trailing newline is cut off.' }),
  }),
])
export type SecretRef = z.infer<typeof secretRef>

/** One secret, or several while a rotation is under way (any of them verifies; the first one signs). */
const secrets = z.union([secretRef, z.array(secretRef).min(1)])

const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')

const httpUrl = z.string().refine((text) => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}, 'must be an http or https URL')

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be HOST:PORT such as 127.0.0.1:8081')

const method = z.enum(['POST', 'GET'])
const signature = z.enum(['enforce', 'warn', 'off'])
const eventList = z.array(
  z
    .string()
    .refine(
      (name) => longEventName(name) !== undefined,
      'is not a known event; see the list in docs/configuration.md',
    ),
)
const headerMap = z.record(
  z.string().regex(/^[!#$%&'*+.^`|~0-9A-Za-z-]+$/, 'is not a header name'),
  z.union([z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'holds a control character'), secretRef]),
)

/** Policy keys that `defaults`, applications, trunks and routes share. */
const policy = {
  deadline: duration(
    'How long the provider waits for an answer; Ringback answers before `deadline - margin`.',
  ).optional(),
  on_failure: z.enum(['relay', 'rescue']).optional().meta({
    description:
      'When every target failed: `relay` tells the provider, `rescue` answers 200 and delivers later. xml callbacks are always relayed or answered by `static_reply`.',
  }),
  reply: z.enum(['handler', 'ack']).optional().meta({
    description:
      '`ack` answers 200 as soon as the callback is on disk and delivers afterwards, for slow handlers.',
  }),
  signature: signature.optional().meta({
    description:
      '`enforce` refuses what is not signed properly, `warn` lets it in and says so, `off` does not look.',
  }),
  consecutive_failures: z.int().min(1).max(1000).optional().meta({
    description: 'Failures in a row that fire the alert here; overrides `alerts.consecutive_failures`.',
  }),
}

const application = z.strictObject({
  id: id.meta({ description: 'Id of the application at Vobiz; also the id of its route.' }),
  name: z.string().optional().meta({ description: 'Name for people.' }),
  callback_url: httpUrl.meta({
    description: 'Handler of this application. May carry `user:password@` and `#ct=…&rt=…`.',
  }),
  callback_method: method
    .optional()
    .meta({ description: 'Method towards the handler; by default that of the callback.' }),
  fallback_callback_url: httpUrl
    .optional()
    .meta({ description: 'Handler that is tried when the first one failed.' }),
  callback_events: eventList.default([]).meta({ description: 'Events that are forwarded; empty means all.' }),
  callback_headers: headerMap.default({}).meta({ description: 'Headers added for the handler.' }),
  ...policy,
})

const trunk = z.strictObject({
  id: id.meta({ description: 'Id of the trunk at Vobiz; also the id of its route.' }),
  status_callback: httpUrl.meta({ description: 'Handler of this trunk.' }),
  status_callback_method: method.optional().meta({ description: 'Method towards the handler.' }),
  status_callback_events: eventList
    .default([])
    .meta({ description: 'Events that are forwarded; empty means all.' }),
  ...policy,
})

const account = z.strictObject({
  id: id.meta({ description: 'Account id at Vobiz (`MA_…` or `SA_…`).' }),
  webhook_secret: secrets
    .optional()
    .meta({ description: 'Secret of the dialect with timestamp and body (`x-vobiz-signature`).' }),
  auth_token: secrets.optional().meta({ description: 'Account auth token: key of the dialects V2 and V3.' }),
  parent_auth_token: secrets
    .optional()
    .meta({ description: 'Auth token of the parent account: key of the MA dialects.' }),
  signature: signature.default('enforce').meta({ description: 'Default for every route of the account.' }),
  default_callback_url: httpUrl
    .optional()
    .meta({ description: 'Handler of what no application, trunk or call claims.' }),
  default_callback_method: method.optional().meta({ description: 'Method towards the default handler.' }),
  applications: z.array(application).default([]).meta({ description: 'Applications, by their id at Vobiz.' }),
  trunks: z.array(trunk).default([]).meta({ description: 'Trunks, by their id at Vobiz.' }),
})

const route = z.strictObject({
  id: id.meta({ description: 'Stable id: metric label, name in alerts and lists.' }),
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]*$/, 'must start with / and hold only letters, digits and . _ ~ - /')
    .meta({ description: 'Path prefix on the public port. The longest prefix that matches wins.' }),
  target: httpUrl.meta({
    description: 'Handler; the rest of the path and the query are appended as they came.',
  }),
  fallback_target: httpUrl
    .optional()
    .meta({ description: 'Handler that is tried when the first one failed.' }),
  account: id.optional().meta({ description: 'Account whose keys verify callbacks on this route.' }),
  kind: z.enum(['auto', 'notify', 'xml']).default('auto').meta({
    description:
      '`auto` decides per request from the event; `notify`: only the status matters; `xml`: the reply body drives the call.',
  }),
  method: method
    .optional()
    .meta({ description: 'Method towards the handler; by default that of the callback.' }),
  events: eventList.default([]).meta({ description: 'Events that are forwarded; empty means all.' }),
  headers: headerMap.default({}).meta({ description: 'Headers added for the handler.' }),
  basic_auth: z
    .array(z.strictObject({ user: z.string().min(1), password: secretRef }))
    .optional()
    .meta({ description: 'Users that may call this route (HTTP Basic), besides or instead of a signature.' }),
  static_reply: z
    .string()
    .optional()
    .meta({ description: 'XML document sent when every target failed on an xml callback.' }),
  rewrite_xml: z
    .boolean()
    .default(false)
    .meta({ description: 'Capture the callback URLs inside XML answers.' }),
  response_contract: z.enum(['off', 'observe', 'protect']).default('off').meta({
    description:
      'Check XML answers: `observe` records a broken one, `protect` sends the fallback or the static reply instead.',
  }),
  ...policy,
})

const adminToken = z.strictObject({
  name: id.meta({ description: 'Name in the audit log.' }),
  role: z
    .enum(['read', 'replay', 'admin'])
    .meta({ description: 'What the token may do; each role includes the ones before it.' }),
  token: secretRef.meta({ description: 'The token, at least 16 characters.' }),
})

/** The whole file. Unknown keys are errors everywhere. */
export const fileSchema = z.strictObject({
  public_url: z.string().optional().meta({
    description: 'What Vobiz dials, https (http only for localhost). URL signatures are checked against it.',
  }),
  listen: address.default('0.0.0.0:8080').meta({ description: 'Public port: callbacks only.' }),
  tls: z
    .strictObject({
      cert: z.string().meta({ description: 'PEM file of the chain.' }),
      key: z.string().meta({ description: 'PEM file of the key.' }),
    })
    .optional()
    .meta({ description: 'TLS ends in Ringback; the files are read again when they change.' }),
  trusted_proxies: z.array(z.string()).default([]).meta({
    description: 'Addresses or ranges of proxies in front of Ringback whose X-Forwarded-For is believed.',
  }),
  admin: z
    .strictObject({
      listen: address
        .default('127.0.0.1:8081')
        .meta({ description: 'Private port: API, page, /metrics, /healthz, /readyz.' }),
      tokens: z
        .array(adminToken)
        .default([])
        .meta({ description: 'Bearer tokens. None is needed on loopback only if none is configured.' }),
      public_metrics: z.boolean().default(true).meta({ description: '/metrics answers without a token.' }),
    })
    .prefault({})
    .meta({ description: 'The private port.' }),
  store: z
    .string()
    .default('sqlite:data/ringback.db')
    .meta({ description: '`sqlite:PATH` or `postgres://…`.' }),
  allow_targets: z.array(z.string()).default([]).meta({
    description:
      'Private ranges that may be dialled, such as `10.0.0.0/8`; every other private, loopback or metadata address is refused.',
  }),
  defaults: z
    .strictObject({
      deadline: duration('How long the provider waits for an answer.').prefault('3s'),
      margin: duration('Kept back from the deadline for writing and sending the answer.').prefault('200ms'),
      on_failure: z
        .enum(['relay', 'rescue'])
        .default('rescue')
        .meta({ description: 'See `routes[].on_failure`.' }),
      reply: z.enum(['handler', 'ack']).default('handler').meta({ description: 'See `routes[].reply`.' }),
      max_body: size('Largest body of a callback; larger ones are refused with 413.').prefault('1MiB'),
      max_reply: size('Largest reply of a handler; a larger one counts as `too_large`.').prefault('2MiB'),
      max_in_flight: z
        .int()
        .min(1)
        .default(2000)
        .meta({ description: 'Callbacks under way at once; more are refused with 503.' }),
    })
    .prefault({})
    .meta({ description: 'Policy of every route that does not say otherwise.' }),
  rescue: z
    .strictObject({
      schedule: z
        .array(duration('Wait before one retry.'))
        .min(1)
        .prefault(['1s', '5s', '30s', '2m', '10m', '1h', '3h', '6h', '6h', '6h'])
        .meta({
          description: 'Waits between the retries of a rescued callback; after the last one it is dead.',
        }),
      concurrency: z
        .int()
        .min(1)
        .max(256)
        .default(8)
        .meta({ description: 'Retries under way at once, for each target.' }),
      rate: z.int().min(1).default(2000).meta({ description: 'Retries a second, for each target.' }),
      max_rows: z
        .int()
        .min(1)
        .default(1_000_000)
        .meta({ description: 'Most callbacks that may wait; at the limit failures are relayed.' }),
      max_bytes: size('Most bytes that may wait; at the limit failures are relayed.').prefault('2GiB'),
      order_wait: duration('How long a callback waits behind an earlier one of its call.').prefault('24h'),
    })
    .prefault({})
    .meta({ description: 'What happens to callbacks that no handler took.' }),
  breaker: z
    .strictObject({
      after_failures: z
        .int()
        .min(1)
        .default(10)
        .meta({ description: 'Failures in a row after which a target is skipped.' }),
      probe_every: duration('How often one callback tries a skipped target.').prefault('2s'),
    })
    .prefault({})
    .meta({ description: 'Circuit breaker of each target.' }),
  ledger: z
    .strictObject({
      durability: z.enum(['full', 'answer', 'background']).default('full').meta({
        description:
          '`full`: on disk before forwarding; `answer`: before the provider is answered; `background`: within 20 ms.',
      }),
      keep: duration('Age at which callbacks are deleted.').prefault('30d'),
      max_size: size('Size of the ledger at which the oldest callbacks are deleted.').prefault('20GB'),
      bodies: z.enum(['full', 'redacted', 'none']).default('redacted').meta({
        description:
          'What is kept of bodies. A callback that waits for rescue keeps its bytes until it is delivered.',
      }),
      body_limit: size('Most bytes of one body that are kept for display.').prefault('16KiB'),
    })
    .prefault({})
    .meta({ description: 'The durable record.' }),
  accounts: z
    .array(account)
    .default([])
    .meta({ description: 'Vobiz accounts, with their keys and handlers.' }),
  routes: z
    .array(route)
    .default([])
    .meta({ description: 'Any other handler: a path prefix in front of it.' }),
  replay_window: duration('How long signed requests are remembered to refuse or answer repeats.').prefault(
    '10m',
  ),
  alerts: z
    .strictObject({
      consecutive_failures: z
        .int()
        .min(1)
        .max(1000)
        .default(3)
        .meta({ description: 'Failures in a row that fire the alert.' }),
      resolve_after: z
        .int()
        .min(1)
        .max(1000)
        .default(2)
        .meta({ description: 'Successes in a row that resolve it.' }),
      repeat_every: duration('How often a firing alert is told again.').prefault('4h'),
      link_url: httpUrl
        .optional()
        .meta({ description: 'Address of the admin port as people reach it, for links in messages.' }),
    })
    .prefault({})
    .meta({ description: 'When people are told.' }),
  notify: z
    .strictObject({
      slack: z
        .strictObject({ webhook_url: secretRef.meta({ description: 'URL of a Slack incoming webhook.' }) })
        .optional()
        .meta({ description: 'Slack channel.' }),
      email: z
        .strictObject({
          smtp_url: secretRef.meta({ description: '`smtp://user:password@host:587` or `smtps://…`.' }),
          from: z.email().meta({ description: 'Sender.' }),
          to: z.array(z.email()).min(1).meta({ description: 'Recipients.' }),
          require_tls: z
            .boolean()
            .default(true)
            .meta({ description: 'Refuse to send over an unencrypted connection.' }),
          ca_file: z
            .string()
            .optional()
            .meta({ description: 'PEM file of the authority that signed the mail server’s certificate.' }),
        })
        .optional()
        .meta({ description: 'E-mail.' }),
      daily_summary: z
        .strictObject({
          at: z
            .string()
            .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
            .meta({ description: 'Time of day.' }),
          timezone: z.string().default('UTC').meta({ description: 'IANA time zone.' }),
        })
        .optional()
        .meta({ description: 'A mail a day with success rates and incidents; off unless set.' }),
      fallback: z
        .strictObject({
          after_failures: z
            .int()
            .min(1)
            .default(3)
            .meta({ description: 'Failed tries of one channel before the other is used.' }),
          channel: z.enum(['slack', 'email']).meta({ description: 'Channel that stands in.' }),
        })
        .optional()
        .meta({ description: 'What happens when a channel cannot deliver.' }),
    })
    .prefault({})
    .meta({ description: 'How people are told.' }),
  capture: z
    .strictObject({
      listen: address.default('127.0.0.1:8082').meta({ description: 'Port that fronts the Vobiz API.' }),
      api_base: httpUrl.default('https://api.vobiz.ai').meta({ description: 'The API behind it.' }),
      target_hosts: z
        .array(z.string())
        .default([])
        .meta({ description: 'Hosts whose URLs may be captured.' }),
    })
    .optional()
    .meta({ description: 'Capture of callback URLs on their way to the Vobiz API.' }),
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
export type Resolved<T> = T extends SecretRef
  ? Secret
  : T extends readonly (infer Item)[]
    ? readonly Resolved<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Resolved<T[Key]> }
      : T

/** The effective configuration: checked, defaults filled in, durations in milliseconds, sizes in bytes, secrets read. */
export type Config = Resolved<FileConfig>
