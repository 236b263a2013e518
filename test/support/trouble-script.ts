import { resolve } from 'node:path'

import { serverCertificate } from './certificates.ts'
import { plainPost, signedPost } from './signed-post.ts'
import { SlackSink } from './slack-sink.ts'
import { SmtpSink } from './smtp-sink.ts'
import { type RunningRingback, startRingback } from './start-ringback.ts'
import { behaviours, startTarget, type TargetServer } from './target-server.ts'
import { waitFor } from './wait-for.ts'

const secret = 'whsec-dashboards-0123456789'
const publicUrl = 'https://callbacks.example.com'
/** Callbacks that are under way while panels are read. */
const IN_FLIGHT = 3

/** A daemon, its handlers and its channels. */
export interface Stage extends AsyncDisposable {
  readonly ringback: RunningRingback
  readonly primary: TargetServer
  readonly fallback: TargetServer
  readonly sms: TargetServer
  readonly orders: TargetServer
  readonly slack: SlackSink
}

/**
 * Routes: `calls` has a fallback and signatures, `sms` and `secure` (TLS) neither, `orders` is rescued, `hold` waits for
 * long, `idle` gets nothing.
 */
function configText(
  urls: Readonly<Record<'primary' | 'fallback' | 'sms' | 'secure' | 'hold' | 'orders', string>>,
  probeEvery: string,
): string {
  return `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
breaker: { after_failures: 24, probe_every: ${probeEvery} }
# What waits is tried again when its handler is back, and not before.
rescue: { schedule: [1h] }
# One rule alone, so that the messages can be counted.
alerts:
  rules:
    failure_rate: { enabled: false }
    slow_responses: { enabled: false }
    deadline_misses: { enabled: false }
    signature_failures: { enabled: false }
    fallback_in_use: { enabled: false }
    backlog_age: { enabled: false }
    dead_letters: { enabled: false }
accounts:
  - { id: MA_TEST123, webhook_secret: { env: WEBHOOK_SECRET } }
routes:
  - { id: calls, path: /calls/, target: '${urls.primary}', fallback_target: '${urls.fallback}', account: MA_TEST123 }
  - { id: sms, path: /sms/, target: '${urls.sms}', signature: 'off' }
  - { id: secure, path: /secure/, target: '${urls.secure}', signature: 'off' }
  - { id: orders, path: /orders/, target: '${urls.orders}', signature: 'off', on_failure: rescue, consecutive_failures: 1000 }
  - { id: hold, path: /hold/, target: '${urls.hold}', signature: 'off', deadline: 60s }
  - { id: idle, path: /idle/, target: '${urls.primary}', fallback_target: '${urls.fallback}', signature: 'off', response_contract: observe }
notify:
  slack: { webhook_url: { env: SLACK_URL } }
  email: { smtp_url: { env: SMTP_URL }, from: ringback@example.com, to: [ops@example.com], require_tls: false }
`
}

/** @param probeEvery how often a target that is skipped is tried; by default never within a test */
export async function setStage(probeEvery = '1h'): Promise<Stage> {
  const stack = new AsyncDisposableStack()
  try {
    const [primary, fallback, sms, orders, hold] = await Promise.all([
      startTarget(healthy),
      startTarget(behaviours.after(50, { body: 'ok' })),
      startTarget(behaviours.after(80, { body: 'ok' })),
      startTarget(behaviours.after(80, { body: 'ok' })),
      startTarget(behaviours.hang),
    ])
    const secure = await startTarget(undefined, { tls: serverCertificate('good') })
    for (const each of [primary, fallback, sms, orders, hold, secure]) stack.use(each)
    const slack = stack.use(await SlackSink.start())
    const smtp = stack.use(await SmtpSink.start())
    const urls = {
      primary: primary.url,
      fallback: fallback.url,
      sms: sms.url,
      secure: secure.url,
      orders: orders.url,
      hold: hold.url,
    }
    const ringback = stack.use(
      await startRingback(configText(urls, probeEvery), {
        env: {
          WEBHOOK_SECRET: secret,
          SLACK_URL: slack.url,
          SMTP_URL: smtp.url,
          NODE_EXTRA_CA_CERTS: resolve('test/support/tls/ca.crt'),
        },
      }),
    )
    const parts = stack.move()
    return {
      ringback,
      primary,
      fallback,
      sms,
      orders,
      slack,
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

/** One request of each event and verdict, so that their series are there before the traffic that is measured. */
export async function warmUp(stage: Stage): Promise<void> {
  await calls(stage, 'call.completed', 1)
  await calls(stage, 'call.answered', 1)
  await forged(stage, 1)
  await strays(stage, 1)
  await plain(stage, 'sms', 'message.inbound', 1)
  await plain(stage, 'secure', 'call.completed', 1)
  await plain(stage, 'orders', 'message.inbound', 1)
}

/**
 * Plays the script. With the warm-up, `calls` gets 108 callbacks: the primary takes 82 and the fallback 18 (8 behind a
 * slow, 10 behind a broken primary); 8 fail (2 run out of time, 4 find the primary down, 2 find it skipped). `sms` gets
 * 100 and fails 4, which fires and resolves an alert. Five forgeries and twenty strays come along, and Slack is down
 * when it is first needed. `orders` gets 13: four are rescued and delivered late, three wait in the end, one is dead.
 */
export async function play(stage: Stage): Promise<void> {
  const { primary, fallback, sms, slack } = stage
  await Promise.all([
    calls(stage, 'call.completed', 72),
    calls(stage, 'call.answered', 8),
    plain(stage, 'sms', 'message.inbound', 92),
    forged(stage, 5),
    strays(stage, 20),
  ])
  sms.behave(() => behaviours.status(500))
  await plain(stage, 'sms', 'message.inbound', 4)
  await waitFor('firing on Slack', () => slack.messages.length === 1)
  sms.behave(behaviours.ok)
  for (let n = 0; n < 3; n += 1) await plain(stage, 'sms', 'message.inbound', 1)
  await waitFor('resolved on Slack', () => slack.messages.length === 2)

  slack.behave({ status: 500, body: 'down' })
  primary.behave(behaviours.hang)
  await calls(stage, 'call.completed', 8)
  await waitFor('failed try on Slack', () => slack.tried === 3)
  slack.behave('ok')
  fallback.behave(behaviours.hang)
  await calls(stage, 'call.completed', 2)
  primary.behave(() => behaviours.status(503))
  fallback.behave(behaviours.after(50, { body: 'ok' }))
  await calls(stage, 'call.completed', 10)
  await primary.close()
  fallback.behave(() => behaviours.status(503))
  await calls(stage, 'call.completed', 4)
  await calls(stage, 'call.completed', 2)
  await rescued(stage)
  plain(stage, 'hold', 'call.answered', IN_FLIGHT).catch(() => undefined) // cut off at the end
  // The primary's failing, and that of the fallback too.
  await waitFor('messages on Slack after all', () => slack.messages.length === 4)
}

/** With the warm-up five are delivered at once, seven are rescued, one is refused for good. */
async function rescued(stage: Stage): Promise<void> {
  const { orders } = stage
  orders.behave(() => behaviours.status(503))
  await plain(stage, 'orders', 'message.inbound', 4)
  orders.behave(behaviours.ok)
  await plain(stage, 'orders', 'message.inbound', 4)
  // Four that were delivered at first, one of the warm-up, and the four that waited.
  await waitFor('late deliveries', () => orders.requests.length === 1 + 4 + 4 + 4)
  orders.behave(() => behaviours.status(503))
  await plain(stage, 'orders', 'message.inbound', 3)
  orders.behave(() => behaviours.status(410))
  await plain(stage, 'orders', 'message.inbound', 1)
}

const healthy = behaviours.after(30, { body: 'ok' })
let serial = 0

function bodyOf(event: string): string {
  serial += 1
  return JSON.stringify({ event, call_id: `call-${serial}` })
}

export async function calls({ ringback }: Stage, event: string, count: number): Promise<void> {
  await each(count, () => signed(ringback, secret, bodyOf(event)))
}

export async function forged({ ringback }: Stage, count: number): Promise<void> {
  await each(count, () => signed(ringback, 'whsec-of-somebody-else-0', bodyOf('call.completed')))
}

export async function strays({ ringback }: Stage, count: number): Promise<void> {
  await each(count, () => plainPost(`${ringback.publicUrl}/wp-login.php?${serial++}`, '', {}))
}

export async function plain({ ringback }: Stage, route: string, event: string, count: number): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await each(count, () => plainPost(`${ringback.publicUrl}/${route}/hook`, bodyOf(event), headers))
}

function signed(ringback: RunningRingback, key: string, body: string): Promise<unknown> {
  return signedPost({
    dialect: 'timestamp',
    secret: key,
    publicUrl: `${publicUrl}/calls/hook`,
    sendTo: `${ringback.publicUrl}/calls/hook`,
    body,
  })
}

/** At most ten at once: the machine that runs the test is small. */
async function each(count: number, action: () => Promise<unknown>): Promise<void> {
  let left = count
  const work = async (): Promise<void> => {
    while (left-- > 0) await action()
  }
  await Promise.all(Array.from({ length: Math.min(10, count) }, work))
}
