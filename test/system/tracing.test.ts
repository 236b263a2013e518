import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { expect, test } from 'vitest'

import type { CallbackRow, Page } from '../../src/ledger/rows.ts'
import { plainPost, signedPost } from '../support/signed-post.ts'
import { startRingback } from '../support/start-ringback.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

interface Span {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status: { readonly code: number }
  readonly traceId: string
  readonly spanId: string
  readonly parent?: string
}

const secret = 'whsec-tracing-0123456789'
const publicUrl = 'https://callbacks.example.com'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const providersSpan = 'b7ad6b7169203331'

const configText = (primary: string, fallback: string): string => `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
rescue: { schedule: [1s, 1s, 1s] }
accounts:
  - { id: MA_TEST123, webhook_secret: { env: WEBHOOK_SECRET } }
routes:
  - { id: calls, path: /calls/, target: '${primary}', fallback_target: '${fallback}', account: MA_TEST123 }
  - { id: orders, path: /orders/, target: '${primary}', signature: 'off', on_failure: rescue }
`

test('with an OpenTelemetry SDK each callback is one trace: receive, verify, each attempt, rescue, and the handler', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-spans-'))
  try {
    const file = join(folder, 'spans')
    await using primary = await startTarget(() => behaviours.status(503))
    await using fallback = await startTarget()
    await using ringback = await startRingback(configText(primary.url, fallback.url), {
      env: {
        WEBHOOK_SECRET: secret,
        SPANS: file,
        NODE_OPTIONS: `--import ${resolve('test/support/register-spans.ts')}`,
      },
    })
    const spans = (): readonly Span[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Span)
        : []

    await signedPost({
      dialect: 'timestamp',
      secret,
      publicUrl: `${publicUrl}/calls/hook`,
      sendTo: `${ringback.publicUrl}/calls/hook`,
      body: JSON.stringify({ event: 'call.completed', call_id: 'c-1' }),
      headers: { traceparent: `00-${traceId}-${providersSpan}-01`, tracestate: 'vendor=1' },
    })
    const live = await waitFor('spans of the first', () => spans().length === 4 && spans())
    const receive = live.find(({ name }) => name === 'receive')
    expect(receive).toMatchObject({
      traceId,
      parent: providersSpan,
      attributes: {
        'ringback.route': 'calls',
        'ringback.result': 'delivered',
        'http.response.status_code': 200,
      },
    })
    expect(live.filter(({ name }) => name !== 'receive').map(told)).toEqual([
      `verify below ${receive?.spanId}`,
      `attempt below ${receive?.spanId}: primary live http_5xx`,
      `attempt below ${receive?.spanId}: fallback live ok`,
    ])
    const traceparent = `00-${traceId}-${receive?.spanId}-01`
    for (const { requests } of [primary, fallback]) {
      expect(requests[0]?.header('traceparent')).toBe(traceparent)
      expect(requests[0]?.header('tracestate')).toBe('vendor=1')
    }
    const row = await waitFor('the row', async () => {
      const page = await fetch(`${ringback.adminUrl}/api/v1/callbacks`)
      return ((await page.json()) as Page<CallbackRow>).rows[0]
    })
    expect(row.traceparent).toBe(traceparent)
    await waitFor('log lines', () => ringback.logs().split(`"traceparent":"${traceparent}"`).length - 1 === 3)

    // A callback without a trace context begins a trace, and its rescue belongs to it.
    await plainPost(`${ringback.publicUrl}/orders/hook`, '{"event":"message.inbound","call_id":"o-1"}', {
      'content-type': 'application/json',
    })
    primary.behave(behaviours.ok)
    const rescue = await waitFor('the rescue', () => spans().find(({ name }) => name === 'rescue'))
    expect(rescue.traceId).not.toBe(traceId)
    const own = spans().filter((span) => span.traceId === rescue.traceId)
    const root = own.find(({ name }) => name === 'receive')
    expect(root?.parent).toBeUndefined()
    expect(root?.attributes).toMatchObject({ 'ringback.route': 'orders', 'ringback.result': 'rescued' })
    expect(rescue).toMatchObject({
      parent: root?.spanId,
      attributes: { 'ringback.result': 'delivered_late' },
    })
    expect(own.filter(({ name }) => name === 'attempt').map(told)).toEqual([
      `attempt below ${root?.spanId}: primary live http_5xx`,
      `attempt below ${root?.spanId}: primary rescue ok`,
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

function told({ name, parent, attributes }: Span): string {
  const words = ['target', 'via', 'outcome'].map((word) => attributes[`ringback.${word}`])
  return `${name} below ${parent}${name === 'attempt' ? `: ${words.join(' ')}` : ''}`
}
