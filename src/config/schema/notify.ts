import { z } from 'zod'

import { duration, httpUrl, secret } from './terms.ts'

export const alerts = z
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
    repeat_every: duration('How often a firing alert is told again.', ['1m', '30d']).prefault('4h'),
    link_url: httpUrl
      .optional()
      .meta({ description: 'Address of the admin port as people reach it, for links in messages.' }),
  })
  .prefault({})
  .meta({ description: 'When people are told.' })

const slack = z.strictObject({
  webhook_url: secret('http_url').meta({ description: 'URL of a Slack incoming webhook.' }),
})

const email = z.strictObject({
  smtp_url: secret('smtp_url').meta({ description: '`smtp://user:password@host:587` or `smtps://…`.' }),
  from: z.email().meta({ description: 'Sender.' }),
  to: z.array(z.email()).min(1).meta({ description: 'Recipients.' }),
  require_tls: z
    .boolean()
    .default(true)
    .meta({ description: 'Refuse to send over an unencrypted connection.' }),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'PEM file of the authority that signed the mail server’s certificate.' }),
})

const dailySummary = z.strictObject({
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
    .meta({ description: 'Time of day, `HH:MM`.' }),
  timezone: z.string().default('UTC').meta({ description: 'IANA time zone.' }),
})

const fallback = z.strictObject({
  after_failures: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .meta({ description: 'Failed tries of one channel before the other is used.' }),
  channel: z.enum(['slack', 'email']).meta({ description: 'Channel that stands in.' }),
})

export const notify = z
  .strictObject({
    slack: slack.optional().meta({ description: 'Slack channel.' }),
    email: email.optional().meta({ description: 'E-mail.' }),
    daily_summary: dailySummary
      .optional()
      .meta({ description: 'A mail a day with success rates and incidents; off unless set.' }),
    fallback: fallback.optional().meta({ description: 'What happens when a channel cannot deliver.' }),
  })
  .prefault({})
  .meta({ description: 'How people are told.' })
