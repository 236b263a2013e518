import { readFileSync } from 'node:fs'

import type { AlertSettings } from './alerts/engine.ts'
import type { Config } from './config/schema.ts'
import { createEmail } from './notify/email.ts'
import type { Notifier } from './notify/notifier.ts'
import type { OutboxChannels } from './notify/outbox.ts'
import { createSlack, type SlackFetch } from './notify/slack.ts'
import { alertThresholds } from './routing/alert-thresholds.ts'

/** How notification channels reach the outside: through the same address check as handlers. */
export interface Outside {
  readonly fetch: SlackFetch
  /** The checked address of a host; rejects when it may not be dialled. */
  resolveHost(host: string): Promise<string>
}

/** Where messages go, as the outbox takes it. */
export function outboxChannels(notify: Config['notify'], outside: Outside): OutboxChannels {
  const { fallback } = notify
  return {
    notifiers: notifiersOf(notify, outside),
    fallback: fallback && { afterFailures: fallback.after_failures, channel: fallback.channel },
  }
}

/** The channels that the configuration names. */
function notifiersOf(notify: Config['notify'], outside: Outside): readonly Notifier[] {
  const notifiers: Notifier[] = []
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
  return notifiers
}

/** When people are told, as the alert engine takes it. */
export function alertSettings(config: Config): AlertSettings {
  const { consecutive_failures, resolve_after, repeat_every, link_url } = config.alerts
  return {
    thresholds: { consecutiveFailures: consecutive_failures, resolveAfter: resolve_after },
    routeThresholds: new Map(
      [...alertThresholds(config)].map(([route, failures]) => [route, { consecutiveFailures: failures }]),
    ),
    repeatEveryMs: repeat_every,
    linkUrl: link_url,
  }
}
