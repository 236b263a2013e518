import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/ledger/rows.ts'
import { documentedLogFields } from '../support/log-fields.ts'
import { plainPost, signedPost } from '../support/signed-post.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { SmtpSink } from '../support/smtp-sink.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'
import { daemonEnv, MAIN } from '../support/shipped.ts'

/** Each stands in a place of its own where a secret or a person's number comes from; none may come out again. */
const canaries = {
  webhookSecret: 'canary-webhook-secret-1111',
  authToken: 'canary-auth-token-22222222',
  parentToken: 'canary-parent-token-333333',
  targetPassword: 'canary-target-password-44',
  targetQuery: 'canary-target-query-key-55',
  fallbackPassword: 'canary-fallback-password-66',
  callbackHeader: 'canary-callback-header-77',
  doorPassword: 'canary-door-password-88888',
  slackPath: 'SeCrEtToKeN',
  smtpPassword: 'canary-smtp-password-99999',
  adminToken: 'canary-admin-token-aaaaaaa',
  phoneNumber: '4155550199',
  cookie: 'canary-cookie-of-provider-b',
  replyToken: 'canary-token-in-a-reply-eee',
}
/** A text of others that the admin port may show to whoever has a token; nothing else may repeat it. */
const texts = { traceText: 'canary-as-traceparent-dddd' }
/** Alerts quote what a handler answered, for those who have to mend it: masked, and nothing else repeats it. */
const handlerWords = 'canary-in-reply-of-handler-c'
const handlerReply = JSON.stringify({
  error: handlerWords,
  token: canaries.replyToken,
  from: `+${canaries.phoneNumber}`,
})
const publicUrl = 'https://callbacks.example.com'
const accountPath = '/vobiz/MA_TEST123'
const asAdmin = { authorization: `Bearer ${canaries.adminToken}` }

function configText(handler: string, fallback: string): string {
  const withPassword = handler.replace('http://', `http://user:${canaries.targetPassword}@`)
  return `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0, tokens: [{ name: ops, role: admin, token: { env: ADMIN_TOKEN } }] }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    auth_token: { env: AUTH_TOKEN }
    parent_auth_token: { env: PARENT_TOKEN }
    default_callback_url: ${withPassword}hook?key=${canaries.targetQuery}
    applications:
      - id: app-12345
        callback_url: ${handler}app
        fallback_callback_url: ${fallback.replace('http://', `http://user:${canaries.fallbackPassword}@`)}
        callback_headers: { X-API-Key: { env: HANDLER_KEY } }
notify:
  slack: { webhook_url: { env: SLACK_URL } }
  email: { smtp_url: { env: SMTP_URL }, from: ringback@example.com, to: [ops@example.com], require_tls: false }
`
}

function secretsFor(slackUrl: string, smtpUrl: string): Readonly<Record<string, string>> {
  return {
    WEBHOOK_SECRET: canaries.webhookSecret,
    AUTH_TOKEN: canaries.authToken,
    PARENT_TOKEN: canaries.parentToken,
    HANDLER_KEY: canaries.callbackHeader,
    ADMIN_TOKEN: canaries.adminToken,
    SLACK_URL: slackUrl,
    SMTP_URL: smtpUrl,
  }
}

function send(ringback: RunningRingback, callId: string, headers: Record<string, string>, extra = {}) {
  return signedPost({
    dialect: 'timestamp',
    secret: canaries.webhookSecret,
    publicUrl: publicUrl + accountPath,
    sendTo: ringback.publicUrl + accountPath,
    body: JSON.stringify({
      event: 'call.completed',
      call_id: callId,
      from: `+1${canaries.phoneNumber}`,
      to: `1${canaries.phoneNumber}`,
      ...extra,
    }),
    headers,
  })
}

async function read(ringback: RunningRingback, path: string): Promise<string> {
  return (await fetch(ringback.adminUrl + path, { headers: asAdmin })).text()
}

/** Everything that the admin port says of the callbacks, and of everything else. */
async function everythingRead(ringback: RunningRingback): Promise<string> {
  const list = await read(ringback, '/api/v1/callbacks?limit=100')
  const { rows } = JSON.parse(list) as Page<CallbackRow>
  const paths = rows.flatMap(({ id }) => [`/api/v1/callbacks/${id}`, `/api/v1/callbacks/${id}/attempts`])
  const lists = ['routes', 'incidents', 'alerts', 'status', 'notifications', 'callbacks/export'].map(
    (name) => `/api/v1/${name}`,
  )
  const all = [...paths, ...lists, '/metrics', '/readyz', '/api/openapi.json']
  return list + (await Promise.all(all.map((path) => read(ringback, path)))).join('\n')
}

function linesOf(ringback: RunningRingback): readonly Record<string, unknown>[] {
  return ringback
    .logs()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('what leaves the daemon', { timeout: 60_000 }, () => {
  it('never holds a secret or a phone number: not log, metrics, API, alerts, answers, nor what it says when it cannot start', async () => {
    await using handler = await startTarget(() => ({ status: 500, body: handlerReply }))
    await using fallback = await startTarget(() => ({ status: 503, body: handlerReply }))
    await using slack = await SlackSink.start()
    await using smtp = await SmtpSink.start({ user: 'ringback', password: canaries.smtpPassword })
    const text = configText(handler.url, fallback.url)
    const secrets = secretsFor(slack.url, smtp.url)
    await using ringback = await startRingback(text, { env: secrets })

    const headers = { cookie: `session=${canaries.cookie}`, traceparent: texts.traceText }
    for (let n = 0; n < 3; n += 1) {
      await send(ringback, `default-${n}`, headers)
      await send(ringback, `application-${n}`, headers, { application_id: 'app-12345' })
    }
    const { text: refusal } = await plainPost(ringback.publicUrl + accountPath, canaries.phoneNumber, {
      ...headers,
      authorization: `Basic ${Buffer.from(`door:${canaries.doorPassword}`).toString('base64')}`,
    })
    await fetch(`${ringback.adminUrl}/api/v1/routes`, {
      headers: { authorization: `Bearer ${canaries.doorPassword}` },
    })
    await waitFor('alerts on both channels', () => slack.messages.length > 1 && smtp.messages.length > 1)
    expect(
      handler.requests.some(({ rawHeaders }) => rawHeaders.join().includes(canaries.callbackHeader)),
    ).toBe(true)

    const told = [...slack.messages.map(({ raw }) => raw), ...smtp.messages.map(({ raw }) => raw)]
    const startFailures = await failuresToStart(ringback.folder, text, secrets)
    const api = await everythingRead(ringback)
    const metrics = await read(ringback, '/metrics')
    await ringback.stop()
    const quiet = [refusal, metrics, ringback.logs(), startFailures].join('\n')
    expect([quiet.includes(handlerWords), told.some((text) => text.includes(handlerWords))]).toEqual([
      false,
      true,
    ])
    const outside = [quiet, ...told].join('\n')
    const seen = outside + api
    expect(Object.entries(canaries).filter(([, canary]) => seen.includes(canary))).toEqual([])
    expect(Object.entries(texts).filter(([, text]) => outside.includes(text))).toEqual([])
    // Basic credentials as they go over the wire.
    expect(seen).not.toContain(Buffer.from(`user:${canaries.targetPassword}`).toString('base64').slice(0, -4))
    const fields = new Set(linesOf(ringback).flatMap((line) => Object.keys(line)))
    expect([...fields.difference(documentedLogFields())]).toEqual([])
    expect(fields.has('incident')).toBe(true)
    // The check itself sees what is there.
    expect(seen).toContain('application-2')
    expect(startFailures).toMatch(/smtp_url[\s\S]*listen/)
  })

  it('carries a trace context to the handler, every log line and the ledger, and ignores one that is none', async () => {
    await using handler = await startTarget()
    await using slack = await SlackSink.start()
    await using smtp = await SmtpSink.start()
    await using ringback = await startRingback(configText(handler.url, handler.url), {
      env: secretsFor(slack.url, smtp.url),
    })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await send(ringback, 'traced', { traceparent, tracestate: 'vendor=1' })
    await send(ringback, 'untraced', { traceparent: 'not-a-trace' })

    const [traced, untraced] = handler.requests
    expect([traced?.header('traceparent'), traced?.header('tracestate')]).toEqual([traceparent, 'vendor=1'])
    // What came is passed on as it came; it is only not believed.
    expect(untraced?.header('traceparent')).toBe('not-a-trace')
    const { rows } = await waitFor('both in the ledger', async () => {
      const page = JSON.parse(await read(ringback, '/api/v1/callbacks')) as Page<CallbackRow>
      return page.rows.length === 2 && page
    })
    expect(new Map(rows.map((row) => [row.call_id, row.traceparent]))).toEqual(
      new Map([
        ['traced', traceparent],
        ['untraced', ''],
      ]),
    )
    await ringback.stop()
    const lines = linesOf(ringback).filter(({ call }) => call !== undefined)
    const seen = lines.map(
      ({ msg, call, traceparent: trace }) => `${String(call)} ${String(msg)} ${String(trace)}`,
    )
    expect(new Set(seen)).toEqual(
      new Set([
        `traced attempt ${traceparent}`,
        `traced callback ${traceparent}`,
        'untraced attempt undefined',
        'untraced callback undefined',
      ]),
    )
  })
})

/** What it writes when a secret is not usable, and when its port is taken. */
async function failuresToStart(
  folder: string,
  text: string,
  secrets: Readonly<Record<string, string>>,
): Promise<string> {
  const unusable = await outputOf(folder, text, { ...secrets, SMTP_URL: `mailto:${canaries.smtpPassword}` })
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const address = squatter.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const taken = text
    .replace('listen: 127.0.0.1:0', `listen: 127.0.0.1:${port}`)
    .replace('ledger/ringback.db', 'other/ringback.db')
  const output = await outputOf(folder, taken, secrets)
  squatter.close()
  return unusable + output
}

async function outputOf(
  folder: string,
  text: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const config = join(folder, 'failing.yaml')
  await writeFile(config, text)
  const child = spawn(process.execPath, [MAIN, 'serve', '--config', config], {
    cwd: folder,
    env: { ...daemonEnv, ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => (output += piece))
  }
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code).not.toBe(0)
  return output
}
