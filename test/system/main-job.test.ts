import { describe, expect, it } from 'vitest'

import type { IncidentRow } from '../../src/ledger/alert-store.ts'
import type { CallbackRow, Page } from '../../src/ledger/rows.ts'
import { plainPost, signedPost } from '../support/signed-post.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { SmtpSink } from '../support/smtp-sink.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const secret = 'whsec-main-job-0123456789'
const token = 'auth-token-main-job-0123456789'
const parent = 'parent-token-main-job-0123456789'
const publicUrl = 'https://callbacks.example.com'

interface Urls {
  readonly handler: string
  readonly app: string
  readonly backup: string
}

function configText({ handler, app, backup }: Urls): string {
  return `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    auth_token: { env: AUTH_TOKEN }
    parent_auth_token: { env: PARENT_TOKEN }
    default_callback_url: ${handler}
    applications:
      - id: app-12345
        callback_url: ${app}
        fallback_callback_url: ${backup}
        callback_headers: { X-API-Key: { env: HANDLER_KEY } }
notify:
  slack: { webhook_url: { env: SLACK_URL } }
  email: { smtp_url: { env: SMTP_URL }, from: ringback@example.com, to: [ops@example.com], require_tls: false }
`
}

async function start(
  urls: Urls,
  channels: { readonly slack: SlackSink; readonly smtp: SmtpSink },
): Promise<RunningRingback> {
  return startRingback(configText(urls), {
    env: {
      WEBHOOK_SECRET: secret,
      AUTH_TOKEN: token,
      PARENT_TOKEN: parent,
      HANDLER_KEY: 'handler-key-canary-77',
      SLACK_URL: channels.slack.url,
      SMTP_URL: channels.smtp.url,
    },
  })
}

async function get<Value>(ringback: RunningRingback, path: string): Promise<Value> {
  const response = await fetch(ringback.adminUrl + path)
  expect(response.status).toBe(200)
  return (await response.json()) as Value
}

describe('the main job', { timeout: 60_000 }, () => {
  it('delivers every dialect byte for byte, refuses forged and stale ones, and alerts once until the handler is mended', async () => {
    await using handler = await startTarget(() => ({
      body: '{"status":"received"}',
      headers: [['Content-Type', 'application/json']],
    }))
    await using app = await startTarget(behaviours.hang)
    await using backup = await startTarget()
    await using slack = await SlackSink.start()
    await using smtp = await SmtpSink.start()
    await using ringback = await start(
      { handler: `${handler.origin}/hook`, app: `${app.origin}/app`, backup: `${backup.origin}/backup` },
      { slack, smtp },
    )
    const accountPath = '/vobiz/MA_TEST123'
    const post = { publicUrl: publicUrl + accountPath, sendTo: ringback.publicUrl + accountPath }

    // Every dialect, byte for byte.
    const json = Buffer.from(
      '{ "event":"call.completed",\n "call_id":"call-1", "duration": 1.0, "note":"caf\\u00e9 \u00e9", "from":"+14155551234"}',
    )
    const form = 'Event=Hangup&CallUUID=call-2&From=%2B14155551234&Duration=45'
    const formType = 'application/x-www-form-urlencoded'
    const told = [
      await signedPost({ ...post, dialect: 'timestamp', secret, body: json }),
      await signedPost({ ...post, dialect: 'v2', secret: token, body: form, contentType: formType }),
      await signedPost({
        ...post,
        dialect: 'v3',
        secret: token,
        body: form.replace('call-2', 'call-3'),
        contentType: formType,
      }),
      await signedPost({
        ...post,
        dialect: 'ma-v2',
        secret: parent,
        body: form.replace('call-2', 'call-4'),
        contentType: formType,
      }),
      await signedPost({
        ...post,
        dialect: 'ma-v3',
        secret: parent,
        body: form.replace('call-2', 'call-5'),
        contentType: formType,
      }),
    ]
    expect(told.map(({ status, text }) => [status, text])).toEqual(
      told.map(() => [200, '{"status":"received"}']),
    )
    expect(handler.requests).toHaveLength(5)
    expect(Buffer.from(handler.requests[0]!.body).equals(json)).toBe(true)
    expect(Buffer.from(handler.requests[1]!.body).toString()).toBe(form)

    // Forged, stale, unsigned.
    const refused = [
      await signedPost({ ...post, dialect: 'timestamp', secret: 'another-secret-0123456789', body: json }),
      await signedPost({
        ...post,
        dialect: 'timestamp',
        secret,
        body: json,
        nowSeconds: Math.floor(Date.now() / 1000) - 301,
      }),
      await signedPost({
        ...post,
        dialect: 'v3',
        secret: 'another-token-0123456789',
        body: form,
        contentType: formType,
      }),
      await plainPost(post.sendTo, json, { 'content-type': 'application/json' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    expect(handler.requests).toHaveLength(5)

    // Primary hangs: the fallback answers in time, with the header that the application wants.
    const late = await signedPost({
      ...post,
      dialect: 'timestamp',
      secret,
      body: '{"event":"call.completed","call_id":"call-6","application_id":"app-12345"}',
    })
    expect(late.status).toBe(200)
    expect(late.ms).toBeLessThan(2800)
    expect(backup.requests).toHaveLength(1)
    expect(backup.requests[0]!.rawHeaders).toContain('handler-key-canary-77')

    // Three failures are one alert on each channel.
    handler.behave(() => behaviours.status(503, 'down'))
    for (let i = 0; i < 4; i++) {
      const answer = await signedPost({
        ...post,
        dialect: 'timestamp',
        secret,
        body: `{"event":"call.completed","call_id":"broken-${i}"}`,
      })
      expect(answer.status).toBe(503)
    }
    await waitFor('Slack message', () => slack.messages.length >= 1)
    await waitFor('mail', () => smtp.messages.length >= 1)

    // Two successes resolve it, told once on each channel.
    handler.behave(behaviours.ok)
    for (let i = 0; i < 3; i++) {
      await signedPost({
        ...post,
        dialect: 'timestamp',
        secret,
        body: `{"event":"call.completed","call_id":"mended-${i}"}`,
      })
    }
    await waitFor('resolved message on Slack', () => slack.messages.length >= 2)
    await waitFor('resolved mail', () => smtp.messages.length >= 2)
    expect(slack.messages).toHaveLength(2)
    expect(smtp.messages).toHaveLength(2)
    expect(smtp.messages.map(({ subject }) => subject?.split(' ')[0])).toEqual(['[FIRING]', '[RESOLVED]'])
    const firing = slack.messages[0]!.raw
    expect(firing).toContain('MA_TEST123')
    expect(firing).toContain('broken-0')

    // Everything stands in the ledger …
    const { rows } = await waitFor('whole ledger', async () => {
      const page = await get<Page<CallbackRow>>(ringback, '/api/v1/callbacks?limit=100')
      return page.rows.filter((row) => row.result === 'delivered').length === 9 && page
    })
    expect(
      rows
        .filter((row) => row.result === 'rejected')
        .map((row) => row.reason)
        .toSorted(),
    ).toEqual(['signature_bad', 'signature_bad', 'signature_missing', 'timestamp_stale'])
    expect(rows.filter((row) => row.result === 'failed')).toHaveLength(4)
    expect(rows.find((row) => row.call_id === 'call-6')).toMatchObject({
      result: 'delivered',
      attempts: 2,
      answer_status: 200,
    })
    const { rows: incidents } = await get<{ rows: IncidentRow[] }>(ringback, '/api/v1/incidents')
    expect(
      incidents.map(({ route, callbacks, close_reason }) => ({ route, callbacks, close_reason })),
    ).toEqual([{ route: 'MA_TEST123', callbacks: 4, close_reason: 'recovered' }])

    // … and in the metrics.
    const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
    expect(metrics).toContain(
      'ringback_delivery_attempts_total{route="MA_TEST123",target="primary",outcome="http_5xx"} 4',
    )
    expect(metrics).toContain(
      'ringback_delivery_attempts_total{route="app-12345",target="primary",outcome="timeout_response"} 1',
    )
    expect(metrics).toContain(
      'ringback_delivery_attempts_total{route="app-12345",target="fallback",outcome="ok"} 1',
    )
    expect(metrics).toContain(
      'ringback_signature_failures_total{route="MA_TEST123",reason="timestamp_stale"} 1',
    )
    expect(metrics).toContain('ringback_consecutive_failures{route="MA_TEST123",target="primary"} 0')

    // No secret anywhere that people look, and no whole phone number.
    const everywhere =
      ringback.logs() +
      metrics +
      slack.messages.map(({ raw }) => raw).join('') +
      smtp.messages.map(({ raw }) => raw).join('') +
      JSON.stringify(await Promise.all(rows.map((row) => get(ringback, `/api/v1/callbacks/${row.id}`)))) +
      JSON.stringify(await get(ringback, '/api/v1/routes'))
    const canaries = [secret, token, parent, 'handler-key-canary-77', 'SeCrEtToKeN', '4155551234']
    expect(canaries.filter((canary) => everywhere.includes(canary))).toEqual([])
    expect(await ringback.stop()).toBe(0)
  })
})
