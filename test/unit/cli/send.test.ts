import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { readFacts } from '../../../src/callback/facts.ts'
import { Secret } from '../../../src/config/secret.ts'
import { TRIAL_ACCOUNT, trialConfig } from '../../../src/config/trial.ts'
import { sign } from '../../../src/verify/signing/sign.ts'
import { cli } from '../../support/run-cli.ts'

const [account] = trialConfig({ handlerUrl: 'http://127.0.0.1:1/' }).config.accounts
const TRIAL_WEBHOOK_SECRET = revealed(account?.webhook_secret)
const TRIAL_AUTH_TOKEN = revealed(account?.auth_token)

function revealed(secret: unknown): string {
  if (secret instanceof Secret) return secret.reveal()
  throw new Error('the trial configuration has one secret of each kind')
}

interface Received {
  readonly headers: IncomingMessage['headers']
  readonly url: string
  readonly body: Buffer
}

let received: Received[] = []
let answer = 200
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    received.push({ headers: request.headers, url: request.url ?? '', body: Buffer.concat(chunks) })
    response.writeHead(answer, { 'content-type': 'application/json' }).end('{"status":"received"}')
  })
})
let base = ''

beforeEach(async () => {
  received = []
  answer = 200
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vobiz/${TRIAL_ACCOUNT}`
})
afterEach(async () => {
  server.close()
  await once(server, 'close')
})

describe('ringback send', () => {
  it('sends the sample of an event, signed over the bytes and the time, and shows what came back', async () => {
    const { code, stdout, stderr } = await cli(['send', 'answered', '--to', base, '--set', 'from=+1999'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('call.answered, signed as timestamp')])
    expect(stdout).toMatch(/^200 after .*\n\{"status":"received"\}\n$/s)
    const [{ headers, body }] = received as [Received]
    const timestamp = String(headers['x-vobiz-timestamp'])
    expect(headers).toMatchObject(
      sign('timestamp', {
        secret: TRIAL_WEBHOOK_SECRET,
        baseUrl: base,
        body,
        nowSeconds: Number(timestamp),
        nonce: '',
      }),
    )
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(5)
    expect(JSON.parse(body.toString())).toMatchObject({
      event: 'call.answered',
      from: '+1999',
      account_id: TRIAL_ACCOUNT,
    })
  })

  it.each(['v2', 'v3'] as const)(
    'signs the URL that the provider would dial in dialect %s',
    async (dialect) => {
      const signedUrl = 'https://callbacks.example.com/vobiz/MA_TRIAL'
      const { code } = await cli([
        'send',
        'Hangup',
        '--dialect',
        dialect,
        '--to',
        base,
        '--signed-url',
        signedUrl,
      ])
      expect(code).toBe(0)
      const [{ headers, body }] = received as [Received]
      const nonce = String(headers[`x-vobiz-signature-${dialect}-nonce`])
      expect(nonce).toMatch(/^\d{20}$/)
      expect(headers.host).toBe('callbacks.example.com')
      expect(headers).toMatchObject(
        sign(dialect, { secret: TRIAL_AUTH_TOKEN, baseUrl: signedUrl, body, nowSeconds: 0, nonce }),
      )
      const facts = readFacts({
        method: 'POST',
        query: '',
        contentType: String(headers['content-type']),
        body,
      })
      expect(facts).toMatchObject({ event: 'Hangup', account: TRIAL_ACCOUNT, kind: 'notify' })
      expect(facts.callId).toMatch(/^test-/)
    },
  )

  it('can break the signature or its time', async () => {
    await cli(['send', '--to', base, '--bad-signature'])
    await cli(['send', '--to', base, '--stale'])
    const signatureOf = ({ headers, body }: Received) =>
      sign('timestamp', {
        secret: TRIAL_WEBHOOK_SECRET,
        baseUrl: '',
        body,
        nowSeconds: Number(headers['x-vobiz-timestamp']),
        nonce: '',
      })['x-vobiz-signature']
    const [bad, stale] = received as [Received, Received]
    expect(bad.headers['x-vobiz-signature']).not.toBe(signatureOf(bad))
    expect(stale.headers['x-vobiz-signature']).toBe(signatureOf(stale))
    expect(Date.now() / 1000 - Number(stale.headers['x-vobiz-timestamp'])).toBeGreaterThan(500)
    expect((await cli(['send', '--to', base, '--stale', '--dialect', 'v3'])).code).toBe(2)
  })

  it('sends several, each with a call id of its own, as JSON lines', async () => {
    const { stdout } = await cli(['send', '--to', base, '--count', '3', '--json'])
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { call_id: string; status: number })
    expect(lines.map((line) => line.status)).toEqual([200, 200, 200])
    expect(new Set(lines.map((line) => line.call_id)).size).toBe(3)
  })

  it('exits 6 when the answer is not 200, and 4 when there is none', async () => {
    answer = 401
    const refused = await cli(['send', '--to', base])
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('1 of 1') as string })
    expect((await cli(['send', '--to', 'http://127.0.0.1:1/'])).code).toBe(4)
  })

  it('never prints a secret', async () => {
    for (const argv of [
      ['send', '--to', base],
      ['send', '--to', base, '--json', '--bad-signature'],
    ]) {
      const { stdout, stderr } = await cli(argv)
      expect(stdout + stderr).not.toContain(TRIAL_WEBHOOK_SECRET)
      expect(stdout + stderr).not.toContain(String(received.at(-1)?.headers['x-vobiz-signature']))
    }
  })

  it('names the account, application or route that does not exist, and says which do', async () => {
    const { code, stderr } = await cli(['send', '--account', 'MA_TRIL', '--to', base])
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean MA_TRIAL?')])
    expect((await cli(['send', '--dialect', 'ma-v3', '--to', base])).stderr).toContain('parent_auth_token')
  })
})
