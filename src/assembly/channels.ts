import { readFileSync } from 'node:fs'

import type { Config } from '../config/schema.ts'
import { createAlertmanager } from '../notify/channels/alertmanager.ts'
import { createEmail } from '../notify/channels/email.ts'
import type { Log } from '../log.ts'
import { Heartbeat } from '../notify/heartbeat.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { OutboxChannels } from '../notify/outbox-options.ts'
import { createPagerDuty } from '../notify/channels/pagerduty.ts'
import { createSlack, type SlackFetch } from '../notify/channels/slack.ts'
import { createWebhook } from '../notify/channels/webhook.ts'

/** How notification channels reach the outside: through the same address check as handlers. */
export interface Outside {
  readonly fetch: SlackFetch
  /** Loads what `fetch` needs. */
  prepare(): void
  /** The checked address of a host; rejects when it may not be dialled. */
  resolveHost(host: string): Promise<string>
}

/** Every channel that can be configured. */
export const channelNames = ['slack', 'email', 'webhook', 'pagerduty', 'alertmanager'] as const

/** Where messages go, as the outbox takes it. */
export function outboxChannels(notify: Config['notify'], outside: Outside, log: Log['pino']): OutboxChannels {
  const { fallback, digest, heartbeat } = notify
  const notifiers = notifiersOf(notify, outside)
  if (notifiers.length > 0 || heartbeat !== undefined) outside.prepare()
  return {
    digest: { above: digest.above, withinMs: digest.within, everyMs: digest.every },
    heartbeat:
      heartbeat &&
      new Heartbeat({
        url: heartbeat.url.reveal(),
        everyMs: heartbeat.every,
        fetch: outside.fetch,
        onChange: (problem) => {
          if (problem === '') log.info('the heartbeat goes out')
          else log.warn({ problem }, 'the heartbeat does not go out')
        },
      }),
    notifiers,
    fallback: fallback && { afterFailures: fallback.after_failures, channel: fallback.channel },
  }
}

/** The channels that the configuration names. */
function notifiersOf(notify: Config['notify'], outside: Outside): readonly Notifier[] {
  const notifiers: Notifier[] = []
  const { fetch } = outside
  if (notify.slack !== undefined) {
    notifiers.push(createSlack({ url: notify.slack.webhook_url.reveal(), fetch: outside.fetch }))
  }
  if (notify.email !== undefined) {
    const { smtp_url, from, to, require_tls, ca_file } = notify.email
    notifiers.push(
      createEmail({
        smtpUrl: smtp_url.reveal(),
        from,
        to,
        requireTls: require_tls,
        ca: ca_file === undefined ? undefined : readFileSync(ca_file, 'utf8'),
        resolveHost: (host) => outside.resolveHost(host),
      }),
    )
  }
  if (notify.webhook !== undefined) {
    const { url, secret } = notify.webhook
    notifiers.push(createWebhook({ url: url.reveal(), secret: secret.reveal(), fetch, now: Date.now }))
  }
  if (notify.pagerduty !== undefined) {
    const { routing_key, url } = notify.pagerduty
    notifiers.push(createPagerDuty({ routingKey: routing_key.reveal(), url, fetch }))
  }
  if (notify.alertmanager !== undefined) {
    notifiers.push(createAlertmanager({ urls: notify.alertmanager.urls, fetch, now: Date.now }))
  }
  return notifiers
}
