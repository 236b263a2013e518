import { z } from 'zod'

import { address, duration, httpUrl, id, secret } from './terms.ts'

const adminToken = z.strictObject({
  name: id.meta({ description: 'Name in the audit log.' }),
  role: z
    .enum(['read', 'replay', 'admin'])
    .meta({ description: 'What the token may do; each role includes the ones before it.' }),
  token: secret('key').meta({ description: 'The token, at least 16 characters.' }),
})

export const listen = address.default('0.0.0.0:8080').meta({ description: 'Public port: callbacks only.' })

export const workers = z
  .union([z.literal('auto'), z.int().min(1).max(64)], { error: 'must be a number from 1 to 64, or auto' })
  .default(1)
  .meta({
    description:
      'Processes that take callbacks and bring them to handlers, beside the one that decides and keeps everything; `auto` is the number of cores. With 1 that one does it all, which costs least on one or two cores. More than one needs Node 26.4; see docs/operations.md.',
  })

export const tls = z
  .strictObject({
    cert: z.string().min(1).meta({ description: 'PEM file of the chain.' }),
    key: z.string().min(1).meta({ description: 'PEM file of the key.' }),
  })
  .optional()
  .meta({ description: 'TLS ends in Ringback; the files are read again when they change.' })

export const adminListen = address
  .default('127.0.0.1:8081')
  .meta({ description: 'Private port: API, page, /metrics, /healthz, /readyz.' })

export const admin = z
  .strictObject({
    listen: adminListen,
    tokens: z
      .array(adminToken)
      .prefault([])
      .meta({ description: 'Bearer tokens. None is needed on loopback only if none is configured.' }),
    public_metrics: z.boolean().default(true).meta({ description: '/metrics answers without a token.' }),
  })
  .prefault({})
  .meta({ description: 'The private port.' })

export const metrics = z
  .strictObject({
    exemplars: z.boolean().default(false).meta({
      description:
        'Writes /metrics as OpenMetrics, with the id of the newest callback beside each bucket of a histogram, so that a point of a graph leads to a callback. Prometheus keeps them with `--enable-feature=exemplar-storage`. Read at the start.',
    }),
  })
  .prefault({})
  .meta({ description: 'What /metrics of the private port looks like.' })

export const capture = z
  .strictObject({
    listen: address.default('127.0.0.1:8082').meta({ description: 'Port that fronts the Vobiz API.' }),
    api_base: httpUrl.default('https://api.vobiz.ai').meta({ description: 'The API behind it.' }),
    target_hosts: z.array(z.string().min(1)).default([]).meta({
      description:
        'Hosts whose URLs may be captured, as `HOST` or `HOST:PORT`. Handlers on other hosts are dialled by Vobiz itself, as before.',
    }),
    direct_fallback: z.boolean().default(false).meta({
      description:
        'Fallback URLs of applications and calls stay direct, and empty ones are set to the direct handler, so that calls survive also when Ringback is down.',
    }),
  })
  .optional()
  .meta({ description: 'Capture of callback URLs on their way to the Vobiz API.' })

export const reconciliation = z
  .strictObject({
    api_base: httpUrl.default('https://api.vobiz.ai').meta({ description: 'The API that is read.' }),
    accounts: z.array(id).default([]).meta({
      description:
        'Accounts that are reconciled; empty means all that have an `auth_token`, which is also their key to the API.',
    }),
    every: duration('How often call records are read.', ['1s', '24h']).prefault('15m'),
    lookback: duration('Calls that ended within this time are compared, each time anew.', [
      '1m',
      '7d',
    ]).prefault('2h'),
    settle: duration(
      'A call must have ended this long ago: before, its callbacks or its record may be on their way.',
      ['0s', '24h'],
    ).prefault('10m'),
    numbers: z
      .array(z.string().regex(/^\+?\d{3,20}$/, 'must be a phone number such as +918065480214'))
      .default([])
      .meta({
        description:
          'Only calls from or to these numbers are compared; for an account whose other numbers do not come to Ringback. Empty means all.',
      }),
    contexts: z.array(z.string().min(1)).default([]).meta({
      description: 'Only calls of these contexts are compared, such as `voice-api`. Empty means all.',
    }),
  })
  .optional()
  .meta({
    description:
      'Compares the call records of Vobiz with the callbacks that came; see docs/reconciliation.md.',
  })
