import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Answered, plainPost, signedPost } from './signed-post.ts'
import { SlackSink } from './slack-sink.ts'
import { type RunningRingback, startRingback } from './start-ringback.ts'
import { behaviours, startTarget, type TargetServer } from './target-server.ts'

const secret = 'whsec-page-0123456789abcdef'
export const pageToken = 'page-admin-token-0123456789abcdef'
/** For those who may look only. */
export const readToken = 'page-reader-token-0123456789abcdef'

const TOKENS =
  ', tokens: [{ name: ops, role: admin, token: { env: PAGE_TOKEN } }, { name: desk, role: read, token: { env: READ_TOKEN } }]'

/** A daemon with four handlers behind it, and Slack, for those who look at its page. */
export interface Stage extends AsyncDisposable {
  readonly ringback: RunningRingback
  readonly support: TargetServer
  readonly billing: TargetServer
  readonly backup: TargetServer
  /** What it does not take is rescued: refused for good is a dead letter at once, anything else waits for an hour. */
  readonly crm: TargetServer
  readonly slack: SlackSink
  /** Secrets that its configuration names. */
  readonly env: Readonly<Record<string, string>>
  /** One signed callback of an application (or of the account), as the provider would send it. */
  send(facts: CallFacts): Promise<Answered>
  /** Starts the daemon that was stopped: on its ledger, and where the page knows it. */
  startAgain(): Promise<void>
  /** One that nobody signed. */
  sendUnsigned(body: object): Promise<Answered>
}

interface CallFacts {
  readonly event: string
  readonly callId?: string
  readonly application?: string
  readonly more?: Readonly<Record<string, unknown>>
}

interface StageOptions {
  readonly withToken?: boolean
  /** Lines of the configuration besides. */
  readonly more?: string
}

export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const support = await startTarget(() => ({
    body: '{"status":"received"}',
    headers: [['Content-Type', 'application/json']],
  }))
  const billing = await startTarget(behaviours.ok)
  const backup = await startTarget(behaviours.ok)
  const crm = await startTarget(behaviours.ok)
  const slack = await SlackSink.start()
  const env = { WEBHOOK_SECRET: secret, PAGE_TOKEN: pageToken, READ_TOKEN: readToken, SLACK_URL: slack.url }
  const text = (publicPort: number, adminPort: number): string => `
public_url: https://callbacks.example.com
listen: 127.0.0.1:${publicPort}
admin: { listen: 127.0.0.1:${adminPort}${options.withToken === true ? TOKENS : ''} }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
rescue: { schedule: [1h, 1h] }
notify: { slack: { webhook_url: { env: SLACK_URL } } }
accounts:
  - id: MA_ACME
    webhook_secret: { env: WEBHOOK_SECRET }
    default_callback_url: ${support.origin}/vobiz
    applications:
      - id: support-line
        callback_url: ${support.origin}/calls
      - id: billing
        callback_url: ${billing.origin}/billing
        fallback_callback_url: ${backup.origin}/billing
      - id: crm
        callback_url: ${crm.origin}/calls
        on_failure: rescue
        deadline: 60s
    trunks:
      - id: trunk-mumbai
        status_callback: ${billing.origin}/trunk
${options.more ?? ''}`
  const folder = await mkdtemp(join(tmpdir(), 'ringback-page-'))
  let ringback = await startRingback(text(0, 0), { env, folder })
  const path = '/vobiz/MA_ACME'
  let sent = 0
  return {
    get ringback() {
      return ringback
    },
    async startAgain() {
      ringback = await startRingback(text(ringback.publicPort, ringback.adminPort), { env, folder })
    },
    support,
    billing,
    backup,
    crm,
    slack,
    env,
    send: ({ event, callId = randomUUID(), application, more }) =>
      signedPost({
        dialect: 'timestamp',
        secret,
        publicUrl: `https://callbacks.example.com${path}`,
        sendTo: ringback.publicUrl + path,
        body: JSON.stringify({
          event,
          call_id: callId,
          application_id: application,
          from: '+14155551234',
          to: '+912240001234',
          duration: 42,
          // Two callbacks that say the same are still two: only a repeat by the provider is the same to the byte.
          sequence: ++sent,
          ...more,
        }),
      }),
    sendUnsigned: (body) =>
      plainPost(ringback.publicUrl + path, JSON.stringify(body), { 'content-type': 'application/json' }),
    async [Symbol.asyncDispose]() {
      await ringback[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
      for (const target of [support, billing, backup, crm]) await target.close()
      await slack[Symbol.asyncDispose]()
    },
  }
}
