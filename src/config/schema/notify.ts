import { z } from 'zod'

import { ruleNames } from '../../alerts/rule.ts'
import { generalRules, routeRules, spans, timezone } from './alert-rules.ts'
import { cron, duration, httpUrl, id, secret } from './terms.ts'

const channelNames = ['slack', 'email', 'webhook', 'pagerduty', 'alertmanager'] as const
const channel = z.enum(channelNames)
const ruleName = z.enum(ruleNames)
const severity = z.enum(['critical', 'warning', 'info'])

const maintenance = z.strictObject({
  name: z.string().min(1).max(100).meta({ description: 'What it is, for people.' }),
  at: spans.min(1).meta({ description: 'When, such as `sun 02:00-04:00`.' }),
  timezone: timezone.default('UTC').meta({ description: 'IANA time zone of `at`.' }),
  routes: z.array(id).default([]).meta({ description: 'Routes it covers; empty means all.' }),
})

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
    within: duration(
      'Failures in a row must have come within this time; by default however long they take.',
      ['1s', '30d'],
    ).optional(),
    link_url: httpUrl
      .optional()
      .meta({ description: 'Address of the admin port as people reach it, for links in messages.' }),
    dashboard_url: httpUrl.optional().meta({
      description:
        'Address of a dashboard for links in messages; `{route}` stands for the route, such as `https://grafana.example.com/d/ringback-route?var-route={route}`.',
    }),
    rules: generalRules,
    routes: z.record(id, routeRules).prefault({}).meta({
      description:
        'By route id: what is different there, such as `ivr: { no_callbacks: { enabled: false } }`.',
    }),
    flapping: z
      .strictObject({
        fires: z
          .int()
          .min(2)
          .max(100)
          .default(3)
          .meta({ description: 'Alerts within the time that make it flapping.' }),
        within: duration('Time in which they are counted.', ['1m', '24h']).prefault('30m'),
        hold: duration('A flapping alert is over only after it was well for this long.', [
          '1m',
          '24h',
        ]).prefault('10m'),
      })
      .prefault({})
      .meta({ description: 'Keeps an alert that comes and goes from telling each time.' }),
    maintenance: z
      .array(maintenance)
      .prefault([])
      .meta({ description: 'Times in which nobody is told; what still fires at the end is told then.' }),
    escalation: z
      .strictObject({
        after: duration('Time without an acknowledgement.', ['1m', '7d']).prefault('15m'),
        channels: z.array(channel).min(1).meta({ description: 'Channels that are told only then.' }),
      })
      .optional()
      .meta({ description: 'Whom to tell when nobody acknowledges.' }),
    drill: z
      .strictObject({
        cron: cron.meta({ description: 'When, such as `0 10 * * mon` for every Monday at ten.' }),
        timezone: timezone.default('UTC').meta({ description: 'IANA time zone of `cron`.' }),
      })
      .optional()
      .meta({ description: 'Drills by the clock: does every channel still take an alert and its end?' }),
  })
  .prefault({})
  .meta({ description: 'When people are told.' })

/** Which alerts a channel is told of, and when. */
const audience = {
  severities: z
    .array(severity)
    .default([])
    .meta({ description: 'Only alerts of these severities; empty means all.' }),
  routes: z.array(id).default([]).meta({ description: 'Only alerts of these routes; empty means all.' }),
  rules: z.array(ruleName).default([]).meta({ description: 'Only alerts of these rules; empty means all.' }),
  quiet_hours: spans.default([]).meta({
    description:
      'When only critical alerts are told, such as `22:00-07:00`; others follow when it ends, if they still fire.',
  }),
  timezone: timezone.default('UTC').meta({ description: 'IANA time zone of `quiet_hours`.' }),
}

const slack = z.strictObject({
  ...audience,
  webhook_url: secret('http_url').meta({ description: 'URL of a Slack incoming webhook.' }),
})

const email = z.strictObject({
  ...audience,
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

const webhook = z.strictObject({
  ...audience,
  url: secret('http_url').meta({ description: 'Where messages are posted as JSON; see docs/alerts.md.' }),
  secret: secret('text').meta({ description: 'Key of the HMAC-SHA256 in `X-Ringback-Signature`.' }),
})

const pagerduty = z.strictObject({
  ...audience,
  routing_key: secret('text').meta({ description: 'Integration key of an Events API v2 integration.' }),
  url: httpUrl
    .default('https://events.pagerduty.com/v2/enqueue')
    .meta({ description: 'Endpoint of the Events API v2; another one in the EU region.' }),
})

const alertmanager = z.strictObject({
  ...audience,
  urls: z
    .array(httpUrl)
    .min(1)
    .max(10)
    .meta({ description: 'Every Alertmanager of the cluster, such as `http://alertmanager:9093`.' }),
})

const summary = {
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
    .meta({ description: 'Time of day, `HH:MM`.' }),
  timezone: timezone.default('UTC').meta({ description: 'IANA time zone.' }),
  channels: z
    .array(z.enum(['email', 'slack']))
    .min(1)
    .default(['email', 'slack'])
    .meta({ description: 'Where it goes; of these the ones that are configured.' }),
}
const dailySummary = z.strictObject(summary)
const weeklySummary = z.strictObject({
  on: z
    .enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
    .default('mon')
    .meta({ description: 'Day of the week.' }),
  ...summary,
})

const digest = z
  .strictObject({
    above: z.int().min(1).max(1000).default(10).meta({
      description:
        'Messages that leave one by one within the time, half of them at once; more come together in a digest.',
    }),
    within: duration('Time in which they are counted.', ['1m', '24h']).prefault('10m'),
    every: duration('Above that a digest leaves at most this often.', ['10s', '1h']).prefault('1m'),
  })
  .prefault({})
  .meta({ description: 'Instead of a storm: for Slack and e-mail each; machines are told of everything.' })

const heartbeat = z.strictObject({
  url: secret('http_url').meta({
    description: 'Called with GET while Ringback is well, such as a check of healthchecks.io.',
  }),
  every: duration('How often.', ['10s', '24h']).prefault('1m'),
})

const fallback = z.strictObject({
  after_failures: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .meta({ description: 'Failed tries of one channel before the other is used.' }),
  channel: channel.meta({ description: 'Channel that stands in.' }),
})

export const notify = z
  .strictObject({
    slack: slack.optional().meta({ description: 'Slack channel.' }),
    email: email.optional().meta({ description: 'E-mail.' }),
    webhook: webhook.optional().meta({ description: 'Any other system, by signed JSON.' }),
    pagerduty: pagerduty.optional().meta({ description: 'PagerDuty, Events API v2.' }),
    alertmanager: alertmanager.optional().meta({ description: 'Prometheus Alertmanager, API v2.' }),
    daily_summary: dailySummary
      .optional()
      .meta({ description: 'A message a day with success rates and incidents; off unless set.' }),
    weekly_summary: weeklySummary.optional().meta({ description: 'The same of a week; off unless set.' }),
    digest,
    heartbeat: heartbeat
      .optional()
      .meta({ description: 'Lets somebody outside notice when Ringback is down or cannot tell anybody.' }),
    fallback: fallback.optional().meta({ description: 'What happens when a channel cannot deliver.' }),
  })
  .prefault({})
  .meta({ description: 'How people are told.' })
