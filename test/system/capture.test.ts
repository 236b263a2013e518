import { describe, expect, it } from 'vitest'

import type { CallbackRow } from '../../src/ledger/rows.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { startTarget, type TargetServer } from '../support/target-server.ts'
import { attributeOf, textOf, VobizCaller } from '../support/vobiz-caller.ts'
import { VobizStandIn } from '../support/vobiz-stand-in.ts'
import { waitFor } from '../support/wait-for.ts'

const publicUrl = 'https://callbacks.example.com'
const authToken = 'auth-token-capture-0123456789'
const account = '/api/v1/Account/MA_TEST123'

function configText(apiBase: string): string {
  return `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
accounts:
  - id: MA_TEST123
    auth_token: { env: AUTH_TOKEN }
    rewrite_xml: true
    on_failure: relay
capture: { listen: 127.0.0.1:0, api_base: '${apiBase}', target_hosts: [127.0.0.1] }
`
}

async function start(
  apiBase: string,
  folder?: string,
): Promise<RunningRingback & { readonly apiUrl: string }> {
  const ringback = await startRingback(configText(apiBase), {
    env: { AUTH_TOKEN: authToken },
    ...(folder === undefined ? {} : { folder }),
  })
  const [, address = ''] = /"capture":"([^"]+)"/.exec(ringback.logs()) ?? []
  return Object.assign(ringback, { apiUrl: `http://${address}` })
}

async function send(
  ringback: { readonly apiUrl: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(ringback.apiUrl + account + path, {
    method,
    headers: { ...VobizStandIn.headers, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}

/** An IVR in the way of the official samples: absolute URLs with its own base here, relative ones there. */
function playIvr(handler: TargetServer): void {
  const steps: Readonly<Record<string, string>> = {
    '/ivr/answer': `<Response><Gather action="menu?lang=en" method="POST" numDigits="1"><Speak>Press 1</Speak></Gather></Response>`,
    '/ivr/menu': `<Response><Redirect>${handler.origin}/ivr/queue?team=1&amp;x=2</Redirect></Response>`,
    '/ivr/queue': `<Response><Dial action='/ivr/after' callbackUrl="${handler.origin}/ivr/dial-events" dialMusic="real"><Number>14155550000</Number></Dial></Response>`,
    '/ivr/after': '<Response><Hangup/></Response>',
  }
  handler.behave(({ target }) => {
    const xml = steps[target.split('?')[0] ?? '']
    return xml === undefined
      ? { body: '' }
      : {
          body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
          headers: [['Content-Type', 'application/xml']],
        }
  })
}

async function playCall(
  ringback: RunningRingback,
  urls: { readonly answer: string; readonly hangup: string },
  callId: string,
): Promise<VobizCaller> {
  const caller = new VobizCaller({ publicUrl, sendTo: ringback.publicUrl, authToken, callId })
  const answer = await caller.dial(urls.answer, { Event: 'StartApp', CallStatus: 'in-progress' })
  const menu = await caller.dial(attributeOf(answer.text, 'Gather', 'action'), {
    InputType: 'dtmf',
    Digits: '1',
  })
  const queue = await caller.dial(textOf(menu.text, 'Redirect'), { Event: 'Redirect' })
  expect(attributeOf(queue.text, 'Dial', 'dialMusic')).toBe('real')
  const events = attributeOf(queue.text, 'Dial', 'callbackUrl')
  await caller.dial(events, { Event: 'DialAnswer', DialBLegUUID: 'b-leg' })
  await caller.dial(events, { Event: 'DialHangup', DialBLegUUID: 'b-leg' })
  const after = await caller.dial(attributeOf(queue.text, 'Dial', 'action'), {
    Event: 'DialAction',
    DialStatus: 'completed',
  })
  expect(after.text).toContain('<Hangup/>')
  await caller.dial(urls.hangup, { Event: 'Hangup', CallStatus: 'completed' })
  return caller
}

describe('capture of callback URLs', { timeout: 60_000 }, () => {
  it('brings every hop of a call with nested XML through Ringback, under one call id, also after a restart', async () => {
    await using handler = await startTarget()
    playIvr(handler)
    await using api = await VobizStandIn.start()
    await using ringback = await start(api.origin)

    const made = await send(ringback, 'POST', '/Call/', {
      from: '14155551234',
      to: '14155556789',
      answer_url: `${handler.origin}/ivr/answer?from=api`,
      hangup_url: `${handler.origin}/ivr/hangup`,
    })
    expect(made).toMatchObject({ status: 201, body: { message: 'Call fired' } })
    const callId = String(made.body['request_uuid'])
    const call = api.calls.get(callId)
    const urls = { answer: String(call?.['answer_url']), hangup: String(call?.['hangup_url']) }
    expect(urls.answer).toMatch(/^https:\/\/callbacks\.example\.com\/c\/[\w-]{32}$/)
    expect(api.requests).toHaveLength(1)

    const caller = await playCall(ringback, urls, callId)
    expect(new Set(caller.dialled).size).toBe(6)
    expect(handler.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
      'POST /ivr/answer?from=api',
      'POST /ivr/menu?lang=en',
      'POST /ivr/queue?team=1&x=2',
      'POST /ivr/dial-events',
      'POST /ivr/dial-events',
      'POST /ivr/after',
      'POST /ivr/hangup',
    ])

    const { callbacks } = await waitFor('whole call', async () => {
      const response = await fetch(`${ringback.adminUrl}/api/v1/calls/${callId}`)
      const shown = (await response.json()) as { callbacks: CallbackRow[] }
      return shown.callbacks.filter(({ result }) => result === 'delivered').length === 7 && shown
    })
    expect(callbacks.map(({ route, event, kind, verdict }) => [route, event, kind, verdict])).toEqual([
      ['MA_TEST123.calls', 'StartApp', 'xml', 'verified'],
      ['MA_TEST123.calls', 'none', 'xml', 'verified'],
      ['MA_TEST123.calls', 'Redirect', 'xml', 'verified'],
      ['MA_TEST123.calls', 'DialAnswer', 'notify', 'verified'],
      ['MA_TEST123.calls', 'DialHangup', 'notify', 'verified'],
      ['MA_TEST123.calls', 'DialAction', 'xml', 'verified'],
      ['MA_TEST123.calls', 'Hangup', 'notify', 'verified'],
    ])

    await ringback.kill()
    await using again = await start(api.origin, ringback.folder)
    const second = await playCall(again, urls, 'call-after-restart')
    expect(second.dialled).toEqual(caller.dialled)
    expect(ringback.logs() + again.logs()).not.toContain(VobizStandIn.token)
  })

  it('keeps a call going by the fallback when its handler dies between two steps', async () => {
    await using handler = await startTarget()
    await using spare = await startTarget()
    playIvr(handler)
    playIvr(spare)
    await using ringback = await startRingback(
      `
public_url: ${publicUrl}
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
accounts: [{ id: MA_TEST123, auth_token: { env: AUTH_TOKEN } }]
routes:
  - id: ivr
    path: /calls/
    account: MA_TEST123
    target: ${handler.origin}/ivr/
    fallback_target: ${spare.origin}/ivr/
    deadline: 10s
    kind: xml
    headers: { X-API-Key: handler-key-1 }
    rewrite_xml: true
`,
      { env: { AUTH_TOKEN: authToken } },
    )
    const caller = new VobizCaller({
      publicUrl,
      sendTo: ringback.publicUrl,
      authToken,
      callId: 'call-fallback',
    })
    const answer = await caller.dial(`${publicUrl}/calls/answer`, { Event: 'StartApp' })
    await handler.close()
    const menu = await caller.dial(attributeOf(answer.text, 'Gather', 'action'), { Digits: '1' })
    expect(textOf(menu.text, 'Redirect')).toMatch(/^https:\/\/callbacks\.example\.com\/c\//)
    const queue = await caller.dial(textOf(menu.text, 'Redirect'), { Event: 'Redirect' })
    const after = await caller.dial(attributeOf(queue.text, 'Dial', 'action'), { Event: 'DialAction' })
    expect(after.text).toContain('<Hangup/>')
    expect(spare.requests.map(({ target }) => target)).toEqual([
      '/ivr/menu?lang=en',
      '/ivr/queue?team=1&x=2',
      '/ivr/after',
    ])

    const { callbacks } = await waitFor('whole call', async () => {
      const response = await fetch(`${ringback.adminUrl}/api/v1/calls/call-fallback`)
      const shown = (await response.json()) as { callbacks: CallbackRow[] }
      return shown.callbacks.filter(({ result }) => result === 'delivered').length === 4 && shown
    })
    expect(callbacks.map(({ route }) => route)).toEqual(['ivr', 'ivr', 'ivr', 'ivr'])
  })
})
