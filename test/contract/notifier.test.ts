import { createAlertmanager } from '../../src/notify/channels/alertmanager.ts'
import { createEmail } from '../../src/notify/channels/email.ts'
import { createPagerDuty } from '../../src/notify/channels/pagerduty.ts'
import { createSlack } from '../../src/notify/channels/slack.ts'
import { createWebhook } from '../../src/notify/channels/webhook.ts'
import type { Notifier } from '../../src/notify/notifier.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { SmtpSink } from '../support/smtp-sink.ts'
import { notifierContract } from './notifier.ts'

const TIMEOUT_MS = 300

const slackFaults = {
  'a full channel': { status: 429, body: 'rate_limited', retryAfter: '7' },
  'a full channel for an hour': { status: 429, body: '', retryAfter: '3600' },
  'an error of the server': { status: 500, body: 'oops <https://hooks.slack.example/SeCrEtToKeN>' },
  'a revoked webhook': { status: 404, body: 'no_service' },
  'a revoked webhook that answers 200': { status: 200, body: 'no_service' },
  'an archived channel': { status: 410, body: 'channel_is_archived' },
  'a forbidden action': { status: 403, body: 'action_prohibited' },
  'a message that breaks a rule': { status: 400, body: 'invalid_blocks' },
  'a page of a captive portal': { status: 200, body: '<html>please log in</html>' },
  hang: 'hang',
  cut: 'cut',
  redirect: 'redirect',
} as const

notifierContract(
  'Slack',
  async () => {
    const sink = await SlackSink.start()
    return {
      notifier: createSlack({ url: sink.url, fetch, timeoutMs: TIMEOUT_MS }),
      secrets: ['SeCrEtToKeN', sink.url],
      accepted: () => sink.messages.length,
      behave: (fault) => sink.behave(fault === 'ok' ? 'ok' : slackFaults[fault as keyof typeof slackFaults]),
      [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
    }
  },
  [
    { name: 'a full channel', isPermanent: false, retryAfterMs: 7000 },
    { name: 'a full channel for an hour', isPermanent: false, retryAfterMs: 300_000 },
    { name: 'an error of the server', isPermanent: false },
    { name: 'a revoked webhook', isPermanent: true },
    { name: 'a revoked webhook that answers 200', isPermanent: true },
    { name: 'an archived channel', isPermanent: true },
    { name: 'a forbidden action', isPermanent: true },
    { name: 'a message that breaks a rule', isPermanent: true },
    { name: 'a page of a captive portal', isPermanent: false },
    { name: 'hang', isPermanent: false },
    { name: 'cut', isPermanent: false },
    { name: 'redirect', isPermanent: false },
  ],
)

const mailFaults = {
  'a greylist': 'greylist',
  'a refused login': 'reject-login',
  'an unknown recipient': { refuse: 'ops@example.com' },
  'a server that greets too late': { slowMs: 5000 },
  hang: 'stall',
} as const

notifierContract(
  'e-mail',
  async () => {
    const sink = await SmtpSink.start({ user: 'ringback', password: 'pAsSwOrD' })
    return {
      notifier: createEmail({
        smtpUrl: sink.url,
        from: 'ringback@example.com',
        to: ['ops@example.com'],
        requireTls: false,
        ca: undefined,
        resolveHost: (host) => Promise.resolve(host),
        timeoutMs: TIMEOUT_MS,
      }),
      secrets: ['pAsSwOrD', sink.url],
      accepted: () => sink.messages.length,
      behave: (fault) =>
        sink.behave(fault === 'ok' ? 'accept' : mailFaults[fault as keyof typeof mailFaults]),
      [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
    }
  },
  [
    { name: 'a greylist', isPermanent: false },
    { name: 'a refused login', isPermanent: true },
    { name: 'an unknown recipient', isPermanent: true },
    { name: 'a server that greets too late', isPermanent: false },
    { name: 'hang', isPermanent: false },
  ],
)

const jsonFaults = {
  'a full queue': { status: 429, body: '', retryAfter: '7' },
  'an error of the server': { status: 500, body: 'SeCrEtToKeN' },
  'a wrong key': { status: 403, body: 'SeCrEtToKeN' },
  'a message that breaks a rule': { status: 400, body: 'invalid' },
  hang: 'hang',
  cut: 'cut',
} as const

const jsonChannels: Readonly<Record<string, (url: string) => Notifier>> = {
  'the webhook': (url) => createWebhook({ url, secret: 'hush', fetch, now: Date.now, timeoutMs: TIMEOUT_MS }),
  PagerDuty: (url) => createPagerDuty({ url, routingKey: 'SeCrEtKeY', fetch, timeoutMs: TIMEOUT_MS }),
  Alertmanager: (url) => createAlertmanager({ urls: [url], fetch, now: Date.now, timeoutMs: TIMEOUT_MS }),
}

for (const [name, create] of Object.entries(jsonChannels)) {
  notifierContract(name, async () => {
    const sink = await SlackSink.start()
    const notifier = create(sink.url)
    return {
      notifier,
      secrets: ['SeCrEtToKeN', 'SeCrEtKeY', sink.url],
      accepted: () => sink.messages.length,
      behave: (fault) => sink.behave(fault === 'ok' ? 'ok' : jsonFaults[fault as keyof typeof jsonFaults]),
      async [Symbol.asyncDispose]() {
        await notifier.close()
        await sink[Symbol.asyncDispose]()
      },
    }
  }, [
    { name: 'a full queue', isPermanent: false, retryAfterMs: 7000 },
    { name: 'an error of the server', isPermanent: false },
    { name: 'a wrong key', isPermanent: true },
    { name: 'a message that breaks a rule', isPermanent: true },
    { name: 'hang', isPermanent: false },
    { name: 'cut', isPermanent: false },
  ])
}
