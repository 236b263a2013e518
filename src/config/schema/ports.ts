import { z } from 'zod'

import { address, httpUrl, id, secret } from './terms.ts'

const adminToken = z.strictObject({
  name: id.meta({ description: 'Name in the audit log.' }),
  role: z
    .enum(['read', 'replay', 'admin'])
    .meta({ description: 'What the token may do; each role includes the ones before it.' }),
  token: secret('key').meta({ description: 'The token, at least 16 characters.' }),
})

export const listen = address.default('0.0.0.0:8080').meta({ description: 'Public port: callbacks only.' })

export const tls = z
  .strictObject({
    cert: z.string().min(1).meta({ description: 'PEM file of the chain.' }),
    key: z.string().min(1).meta({ description: 'PEM file of the key.' }),
  })
  .optional()
  .meta({ description: 'TLS ends in Ringback; the files are read again when they change.' })

export const admin = z
  .strictObject({
    listen: address
      .default('127.0.0.1:8081')
      .meta({ description: 'Private port: API, page, /metrics, /healthz, /readyz.' }),
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
