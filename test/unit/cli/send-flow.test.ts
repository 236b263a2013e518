import { headerTextOf } from '../../../src/callback/header-text.ts'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { readFacts } from '../../../src/callback/facts.ts'
import { flowNames, flows } from '../../../src/sample/flows.ts'
import { urlsIn } from '../../../src/sample/next-url.ts'
import { createVerifier } from '../../../src/verify/create-verifier.ts'
import { dialects } from '../../../src/verify/dialects.ts'
import type { Dialect } from '../../../src/verify/verifier.ts'
import { cli } from '../../support/run-cli.ts'
import { noKeys } from '../verify/signed-request.ts'

const TOKEN = 'own-token-0123456789'
const PARENT = 'parent-token-0123456789'
const keys = { ...noKeys, authTokens: [TOKEN], parentAuthTokens: [PARENT], signingSecrets: [TOKEN] }

interface Seen {
  readonly path: string
  readonly event: string
  readonly callId: string
  readonly nonce: string | undefined
  readonly body: string
  /** What each dialect says of the request. */
  verifiedAs(dialect: Dialect): boolean
}

let seen: Seen[] = []
let answer: (path: string) => { status?: number; type?: string; body?: string } = () => ({})
let base = ''
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    const path = request.url ?? ''
    const contentType = request.headers['content-type'] ?? ''
    const facts = readFacts({ method: 'POST', query: '', contentType, body })
    const signed = { method: 'POST', baseUrl: base + path, headers: headerTextOf(request.rawHeaders), body }
    seen.push({
      path,
      event: facts.event,
      callId: facts.callId,
      nonce: request.headers['x-vobiz-signature-v3-nonce'] as string | undefined,
      body: body.toString(),
      verifiedAs: (dialect) => createVerifier(keys, { dialects: [dialect] })(signed, Date.now()).ok,
    })
    const { status = 200, type = 'application/xml', body: text = '<Response/>' } = answer(path)
    response.writeHead(status, { 'content-type': type }).end(text)
  })
})

beforeEach(async () => {
  seen = []
  answer = () => ({})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const play = (flow: string, ...more: readonly string[]) =>
  cli(['send', '--flow', flow, '--to', `${base}/hooks`, '--key-env', 'KEY', '--backoff', '1', ...more], {
    env: { KEY: TOKEN },
  })

describe('ringback send --flow', () => {
  it.each(flowNames)('plays %s to a handler, every callback signed, all of one call', async (flow) => {
    const { code, stdout } = await play(flow)
    expect(code).toBe(0)
    const steps = flows[flow]
    const repeats = steps.reduce((sum, step) => sum + (step.repeats ?? 0), 0)
    expect(seen).toHaveLength(steps.length + repeats)
    expect(stdout.split('\n')).toHaveLength(steps.length + repeats + 1)
    expect(new Set(seen.map(({ callId }) => callId)).size).toBe(1)
    for (const each of seen) expect([each.verifiedAs('v2'), each.verifiedAs('v3')]).toEqual([true, true])
    expect(seen.at(-1)?.event).toBe(steps.at(-1)?.fields['Event'])
  })

  it('goes on where the answer says, under the same call', async () => {
    answer = (path) =>
      path === '/hooks'
        ? { body: `<Response><Gather action="${base}/menu?step=1&amp;x=2"/></Response>` }
        : { body: '<Response><Hangup/></Response>' }
    await play('inbound-ivr')
    expect(seen.map(({ path }) => path)).toEqual(['/hooks', '/menu?step=1&x=2', '/hooks'])
    expect(seen[1]?.body).toContain('Digits=1')
  })

  it('sends what goes on beside the call where an answer said, also to relative URLs and after other answers', async () => {
    answer = (path) =>
      path === '/hooks'
        ? { body: '<Response><Record action="/hooks/recorded" callbackUrl="hooks/file"/></Response>' }
        : { body: '<Response></Response>' }
    await play('outbound-recording')
    expect(seen.map(({ path, event }) => `${event} ${path}`)).toEqual([
      'Ring /hooks',
      'StartApp /hooks',
      'Record /hooks/recorded',
      'Hangup /hooks',
      'RecordStop /hooks/file',
    ])
  })

  it('signs a sub-account by both tokens, with the nonces of its own, also without a configuration', async () => {
    const { code } = await cli(
      [
        'send',
        '--flow',
        'sub-account',
        '--to',
        `${base}/hooks`,
        '--key-env',
        'KEY',
        '--parent-key-env',
        'UP',
      ],
      { env: { KEY: TOKEN, UP: PARENT } },
    )
    expect(code).toBe(0)
    for (const each of seen) {
      expect((['v2', 'v3', 'ma-v2', 'ma-v3'] as const).map((name) => each.verifiedAs(name))).toEqual([
        true,
        true,
        true,
        true,
      ])
    }
  })

  it('carries no signature to a stranger that an answer names', async () => {
    answer = () => ({ body: '<Response><Gather action="https://elsewhere.example/x"/></Response>' })
    const { stderr } = await play('inbound-ivr')
    expect(stderr).toContain('https://elsewhere.example, which is not dialled from here')
    expect(seen.map(({ path }) => path)).toEqual(['/hooks', '/hooks', '/hooks'])
  })

  it('tries a failed callback three times more, with the same bytes and nonces, then gives up', async () => {
    answer = () => ({ status: 503 })
    const { code, stderr } = await play('sub-account')
    expect(code).toBe(6)
    expect(stderr).toContain('2 of 2 were not answered with 200')
    expect(seen).toHaveLength(8)
    expect(new Set(seen.slice(0, 4).map(({ nonce }) => nonce)).size).toBe(1)
    expect(new Set(seen.map(({ nonce }) => nonce)).size).toBe(2)
  })

  it('signs as one dialect when that is asked for', async () => {
    await play('outbound-recording', '--dialect', 'v2')
    expect(seen.map((each) => [each.verifiedAs('v2'), each.verifiedAs('v3')])).toEqual(
      seen.map(() => [true, false]),
    )
  })

  it('speaks JSON of the account in the dialect with a timestamp, which knows no steps of a call', async () => {
    const { code } = await play('outbound-recording', '--dialect', 'timestamp')
    expect([code, seen.map(({ event }) => event)]).toEqual([
      0,
      ['call.initiated', 'call.answered', 'call.completed', 'recording.completed'],
    ])
  })

  it('knows its flows, and a back-off', async () => {
    expect((await play('outbound-ivr')).stderr).toContain('Allowed choices are inbound-ivr')
    expect((await play('retries', '--backoff', 'soon')).stderr).toContain('--backoff: must be')
    expect((await cli(['send', '--key-env', 'NONE'])).stderr).toContain('--key-env: the variable NONE is not')
  })
})

describe('ringback send', () => {
  it.each(['trunk', 'ndnc', 'kyc', 'whatsapp'] as const)(
    'signs the body of a %s callback',
    async (dialect) => {
      const key = dialect === 'kyc' ? PARENT : TOKEN
      const argv = ['send', '--dialect', dialect, '--to', `${base}/x`, '--key-env', 'KEY']
      const { code } = await cli(argv, { env: { KEY: key } })
      expect([code, seen[0]?.verifiedAs(dialect)]).toEqual([0, true])
      expect(dialects[dialect].signsBody).toBe(true)
    },
  )
})

describe('where an answer goes on', () => {
  const base = new URL('https://h.example/ivr/answer')

  it.each([
    ['<Gather action="https://h.example/a?x=1&amp;y=2"/>', { action: 'https://h.example/a?x=1&y=2' }],
    ["<Dial action='https://h.example/b'/>", { action: 'https://h.example/b' }],
    ['<Redirect method="GET"> https://h.example/c </Redirect>', { action: 'https://h.example/c' }],
    ['<Gather action="/menu"/>', { action: 'https://h.example/menu' }],
    ['<Gather action="menu"/>', { action: 'https://h.example/ivr/menu' }],
    ['<Record callbackUrl="https://h.example/rec"/>', { callbackUrl: 'https://h.example/rec' }],
    ['<Stream statusCallbackUrl="/s">wss://x</Stream>', { statusCallbackUrl: 'https://h.example/s' }],
    [
      '<Conference waitSound="/w" callbackUrl="/c">r</Conference>',
      { waitSound: 'https://h.example/w', callbackUrl: 'https://h.example/c' },
    ],
    ['<Gather action="javascript:alert(1)"/>', {}],
    ['<Hangup/>', {}],
  ])('%s', (verb, expected) => {
    const found = urlsIn(`<Response>${verb}</Response>`, base)
    expect(Object.fromEntries([...found].map(([name, { href }]) => [name, href]))).toEqual(expected)
  })
})
