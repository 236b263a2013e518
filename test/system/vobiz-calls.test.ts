import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { CallView } from '../../src/admin/api.ts'
import { cli } from '../support/run-cli.ts'
import { freePort, type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { type SeenRequest, startTarget, type TargetServer } from '../support/target-server.ts'
import { answerOf } from '../support/verifying-handler.ts'
import { waitFor } from '../support/wait-for.ts'

const TOKEN = 'auth-token-of-the-account-01'
const PARENT = 'auth-token-of-the-parent-01'
const TRUNK = 'signing-secret-of-the-trunk'
const env = { TOKEN, PARENT, TRUNK }

let handler: TargetServer
let ringback: RunningRingback
let publicUrl = ''

/** Verifies each callback after the official Node sample, then answers as its path says. */
function answer(request: SeenRequest) {
  const isVoice = request.header('x-vobiz-signature-v3') !== undefined
  if (isVoice && answerOf({ sample: 'node', rebuild: 'own host', token: TOKEN }, request) !== 200) {
    return { status: 403 }
  }
  const [path = ''] = request.target.split('?')
  const bodies: Readonly<Record<string, string>> = {
    '/app/answer': `<Response><Gather action="${publicUrl}/ivr/menu"><Speak>Press 1</Speak></Gather></Response>`,
    '/app/menu': '<Response><Hangup/></Response>',
    '/app/broken': '<Response><Say>Hello</Say></Response>',
  }
  return { headers: [['Content-Type', 'application/xml']] as const, body: bodies[path] ?? '<Response/>' }
}

beforeAll(async () => {
  handler = await startTarget(answer)
  const port = await freePort()
  publicUrl = `http://localhost:${port}`
  ringback = await startRingback(
    `
public_url: ${publicUrl}
listen: 127.0.0.1:${port}
admin: { listen: "127.0.0.1:0" }
store: "sqlite:ringback.db"
allow_targets: [127.0.0.0/8]
ledger: { sample: { PlayedStream: 0, ClearedAudio: 0 } }
accounts:
  - id: SA_1
    auth_token: { env: TOKEN }
    parent_auth_token: { env: PARENT }
    default_callback_url: ${handler.url}events
    trunks: [{ id: t1, status_callback: "${handler.url}trunk", signing_secret: { env: TRUNK } }]
routes:
  - { id: ivr, path: /ivr/, target: "${handler.url}app/", account: SA_1, response_contract: protect,
      static_reply: "<Response><Speak>Later</Speak></Response>" }
`,
    { env },
  )
})

afterAll(async () => {
  await ringback[Symbol.asyncDispose]()
  await handler.close()
})

const send = (...argv: readonly string[]) =>
  cli(['send', '--config', `${ringback.folder}/ringback.yaml`, '--backoff', '5', ...argv], { env })

async function callbacksOf(callId: string, count: number): Promise<CallView['callbacks']> {
  return waitFor(`${count} callbacks of ${callId}`, async () => {
    const response = await fetch(`${ringback.adminUrl}/api/v1/calls/${callId}`)
    if (!response.ok) return undefined
    const { callbacks } = (await response.json()) as CallView
    const isSettled = callbacks.every(({ result }) => result !== 'pending')
    return callbacks.length >= count && isSettled ? callbacks : undefined
  })
}

describe('whole calls through Ringback', () => {
  test('nested XML: every hop is verified by the handler and recorded under one call id', async () => {
    const before = handler.requests.length
    const { code, stdout, stderr } = await send(
      '--flow',
      'inbound-ivr',
      '--to',
      `${publicUrl}/ivr/answer`,
      '--call',
      'ivr-1',
    )
    expect([code, stderr, stdout]).toEqual([0, expect.any(String), expect.any(String)])
    expect(handler.requests.slice(before).map(({ target }) => target)).toEqual([
      '/app/answer',
      '/app/menu',
      '/app/answer',
    ])
    const callbacks = await callbacksOf('ivr-1', 3)
    expect(callbacks.map(({ event, kind, result }) => [event, kind, result])).toEqual([
      ['none', 'xml', 'delivered'],
      ['none', 'xml', 'delivered'],
      ['Hangup', 'notify', 'delivered'],
    ])
  })

  test('a sub-account’s callbacks reach a handler that checks both tokens', async () => {
    const before = handler.requests.length
    const { code } = await send('--flow', 'sub-account', '--call', 'sub-1')
    expect(code).toBe(0)
    for (const request of handler.requests.slice(before)) {
      const both = { sample: 'node', rebuild: 'own host', token: TOKEN, parentToken: PARENT } as const
      expect(answerOf(both, request)).toBe(200)
    }
  })

  test('what the provider repeats with the same nonce is delivered once', async () => {
    const before = handler.requests.length
    const { code, stdout } = await send('--flow', 'retries', '--call', 'again-1')
    expect([code, stdout.trim().split('\n').length]).toEqual([0, 4])
    expect(handler.requests).toHaveLength(before + 1)
  })

  test('a flood of stream events is counted whole and kept in part', async () => {
    const { code } = await send('--flow', 'stream-flood', '--call', 'flood-1')
    expect(code).toBe(0)
    const callbacks = await callbacksOf('flood-1', 4)
    expect(callbacks.map(({ event }) => event)).toEqual(['StartApp', 'StartStream', 'StopStream', 'Hangup'])
    const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
    expect(metrics).toContain('event="PlayedStream",verdict="verified"} 7')
    expect(metrics).toContain('event="ClearedAudio",verdict="verified"} 6')
  })

  test('an answer that would drop the call is replaced, counted and told in the provider’s own code', async () => {
    const call = ['--call', 'bad-1', '--json'] as const
    const { code, stdout } = await send('--flow', 'sub-account', '--to', `${publicUrl}/ivr/broken`, ...call)
    expect([code, stdout]).toEqual([0, expect.stringContaining('<Speak>Later</Speak>')])
    const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
    expect(metrics).toContain('ringback_answer_faults_total{route="ivr",fault="verb"} 1')
    expect(metrics).toMatch(/delivery_attempts_total\{route="ivr",target="primary",outcome="bad_xml"\} 1/)
  })

  test('a trunk’s URL takes the trunk’s own dialect and no other', async () => {
    expect((await send('Hangup', '--trunk', 't1')).code).toBe(0)
    expect((await send('Hangup', '--trunk', 't1', '--dialect', 'v3')).stdout).toContain('401')
  })
})
