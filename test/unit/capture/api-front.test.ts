import { gunzipSync, gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { headerValues } from '../../support/http-reader.ts'
import { exchange } from '../../support/raw-http.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'
import { VobizStandIn } from '../../support/vobiz-stand-in.ts'
import { type FrontRig, startFront } from './front-rig.ts'

const account = '/api/v1/Account/MA_TEST123'
const answerUrl = 'https://api.example.com/answer?tenant=7'
const call = { from: '1', to: '2', answer_url: answerUrl }

async function ask(
  front: FrontRig,
  line: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const [method = '', path = ''] = line.split(' ')
  const response = await fetch(front.origin + account + path, {
    method,
    headers: { ...VobizStandIn.headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text }
}

describe('the port in front of the API', () => {
  it('passes everything byte for byte: path, query, headers in their order and case, body, status, answer', async () => {
    const reply = Buffer.from('\u00e9 {"a": 1.0 ,"b":"\\u20ac"}\r\n', 'latin1')
    await using api = await startTarget(() => ({
      status: 402,
      headers: [
        ['content-type', 'application/json'],
        ['X-Request-ID', 'r-1'],
        ['Set-Cookie', 'a=1'],
        ['set-cookie', 'b=\u00e9'],
        ['Date', 'Tue, 15 Nov 1994 08:12:31 GMT'],
      ],
      body: reply,
    }))
    await using front = await startFront(api.origin)
    const body = '{ "from":"+1", "x" : 1.0,\n"note":"\xe9" }'
    const { answer } = await exchange(
      front.port,
      `PATCH /api/v1/account/MA_TEST123/Odd%2Fpath//x?b=%20&a=+&a HTTP/1.1\r\nhost: localhost\r\nX-Auth-ID: MA_TEST123\r\nx-AUTH-token: tok\r\nX-Twice: 1\r\nContent-Type: application/json\r\nx-twice: \xe9\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const [seen] = api.requests
    expect(`${seen?.method} ${seen?.target}`).toBe(
      'PATCH /api/v1/account/MA_TEST123/Odd%2Fpath//x?b=%20&a=+&a',
    )
    expect(seen?.body.toString('latin1')).toBe(body)
    expect(
      seen?.rawHeaders.filter(
        (name, index) =>
          !/^(host|connection|content-length)$/i.test(seen.rawHeaders[index - (index % 2)] ?? name),
      ),
    ).toEqual([
      'X-Auth-ID',
      'MA_TEST123',
      'x-AUTH-token',
      'tok',
      'X-Twice',
      '1',
      'Content-Type',
      'application/json',
      'x-twice',
      '\xe9',
    ])
    expect(seen?.header('host')).toBe(new URL(api.origin).host)
    expect(answer?.startLine).toBe('HTTP/1.1 402 Text')
    expect(answer?.body.equals(reply)).toBe(true)
    expect(answer === undefined ? [] : headerValues(answer, 'set-cookie')).toEqual(['a=1', 'b=\u00e9'])
    expect(answer === undefined ? [] : headerValues(answer, 'date')).toEqual([
      'Tue, 15 Nov 1994 08:12:31 GMT',
    ])
    expect(front.told).toEqual([])
  })

  it('streams what is no setting, of any size and kind', async () => {
    const big = Buffer.alloc(3 * 1024 * 1024, 'ab')
    await using api = await startTarget((request) => ({
      headers: [['Content-Type', 'audio/mpeg']],
      body: request.body,
    }))
    await using front = await startFront(api.origin)
    for (const path of ['/Recording/1/', '/Call/']) {
      const response = await fetch(front.origin + account + path, { method: 'POST', body: big })
      expect(Buffer.from(await response.arrayBuffer()).equals(big)).toBe(true)
    }
    expect(api.requests.every(({ body }) => body.equals(big))).toBe(true)
    const head = await fetch(`${front.origin}${account}/Recording/1/`, { method: 'HEAD' })
    expect(head.status).toBe(200)
  })

  it('captures on the way in and maps back on the way out: application, trunk', async () => {
    await using api = await VobizStandIn.start()
    await using front = await startFront(api.origin)
    const urls = {
      answer_url: answerUrl,
      hangup_url: '',
      fallback_answer_url: 'https://elsewhere.example.org/f',
    }
    expect(await ask(front, 'POST /Application/', { app_name: 'ivr', ...urls })).toEqual({
      status: 201,
      body: { api_id: 'api-1', app_id: '10000', message: 'created' },
    })
    const captured = 'https://cb.example.com/c/token-0000000001'
    expect(api.applications.get('10000')).toMatchObject({ ...urls, answer_url: captured })
    expect((await ask(front, 'GET /Application/10000/')).body).toEqual({
      app_id: '10000',
      app_name: 'ivr',
      ...urls,
    })
    expect((await ask(front, 'GET /Application/?limit=20')).body).toMatchObject({ objects: [urls] })

    // The same URL again is the same captured one; one that is captured already is left alone.
    await ask(front, 'POST /Application/10000/', { answer_url: answerUrl, hangup_url: captured })
    expect(api.applications.get('10000')).toMatchObject({ answer_url: captured, hangup_url: captured })
    expect(front.store.rows.size).toBe(1)
    expect([...front.store.rows.values()]).toMatchObject([
      { account: 'MA_TEST123', route: 'MA_TEST123.calls', target: answerUrl },
    ])

    const trunk = await ask(front, 'POST /trunks', {
      name: 't',
      webhook_url: 'https://api.example.com/trunk',
    })
    expect(trunk).toMatchObject({ status: 201, body: { webhook_url: 'https://api.example.com/trunk' } })
    expect([...api.trunks.values()]).toMatchObject([
      { webhook_url: 'https://cb.example.com/c/token-0000000002' },
    ])
    expect(front.told).toEqual([
      'captured ["MA_TEST123","application",["answer_url"]]',
      'captured ["MA_TEST123","application",["answer_url"]]',
      'captured ["MA_TEST123","trunk",["webhook_url"]]',
    ])
    expect(JSON.stringify([front.told, ...front.store.rows.values()])).not.toContain(VobizStandIn.token)
  })

  it('leaves other hosts and accounts alone', async () => {
    await using api = await VobizStandIn.start()
    await using front = await startFront(api.origin)
    await ask(front, 'POST /Call/', { ...call, answer_url: 'https://api.example.com.evil.example/' })
    front.settings.hosts = ['api.example.com:8443']
    await ask(front, 'POST /Call/', call)
    front.settings.hosts = ['api.example.com']
    const other = `${front.origin}/api/v1/Account/MA_OTHER/Call/`
    await fetch(other, { method: 'POST', body: JSON.stringify(call) })
    expect(api.requests.map(({ body }) => body).join('')).not.toContain('cb.example.com')
    expect(front.store.rows.size).toBe(0)
  })

  it('passes the status of a call that is made, and forgets the URLs of one that is refused', async () => {
    await using api = await VobizStandIn.start()
    await using front = await startFront(api.origin)
    expect(
      await ask(front, 'POST /Call/', { ...call, answer_url: 'nonsense', hangup_url: answerUrl }),
    ).toMatchObject({
      status: 400,
      body: { details: { answer_url: 'Enter a valid URL' } },
    })
    await expect.poll(() => front.store.rows.size).toBe(0)
    expect((await ask(front, 'POST /Call/', call)).status).toBe(201)
    api.callStatus = 200
    expect((await ask(front, 'POST /Call/', call)).status).toBe(200)
    expect(front.store.rows.size).toBe(1)
    expect((await ask(front, 'POST /call', call)).status).toBe(401)
    expect(front.store.rows.size).toBe(1)
  })

  it('never sends a request twice, and says whether it was sent at all', async () => {
    await using api = await startTarget(behaviours.ok)
    await using front = await startFront(api.origin)
    await ask(front, 'POST /Call/', call)
    api.behave((_request, socket) => void socket.destroy())
    const broken = await ask(front, 'POST /Call/', call)
    expect(broken.status).toBe(502)
    expect(JSON.stringify(broken.body)).toContain('is not known')
    expect(api.requests).toHaveLength(2)
    await api.close()
    const down = await ask(front, 'POST /Call/', { ...call, answer_url: `${answerUrl}&new` })
    expect(down.status).toBe(502)
    expect(JSON.stringify(down.body)).toContain('was not sent')
    await expect.poll(() => front.store.rows.size).toBe(1)
  })

  it('goes to no address that is not allowed', async () => {
    await using api = await startTarget()
    await using front = await startFront(api.origin, [])
    expect((await ask(front, 'POST /Call/', call)).status).toBe(502)
    expect(api.connections).toBe(0)
    expect(front.store.rows.size).toBe(0)
  })

  it('lets the call live when the ledger cannot be written: the URL passes as it came', async () => {
    await using api = await VobizStandIn.start()
    await using front = await startFront(api.origin)
    front.store.isFull = true
    expect((await ask(front, 'POST /Call/', call)).status).toBe(201)
    expect(JSON.parse(api.requests[0]?.body ?? '')).toEqual(call)
    expect(front.told).toEqual(['disk full', 'not stored ["MA_TEST123","call",["answer_url"]]'])
  })

  it('sets an empty fallback to the direct handler where that is wanted, and leaves a given one direct', async () => {
    await using api = await VobizStandIn.start()
    await using front = await startFront(api.origin)
    front.settings.directFallback = true
    await ask(front, 'POST /Call/', call)
    await ask(front, 'POST /Call/', { ...call, fallback_url: 'https://api.example.com/fallback' })
    await ask(front, 'POST /Call/', { ...call, answer_url: 'https://elsewhere.example.org/' })
    expect(
      api.requests.map(({ body }) => (JSON.parse(body) as Record<string, unknown>)['fallback_url']),
    ).toEqual([answerUrl, 'https://api.example.com/fallback', undefined])
  })

  it('maps back inside compressed answers, and passes what it cannot read', async () => {
    await using api = await startTarget()
    await using front = await startFront(api.origin)
    await ask(front, 'POST /Call/', call)
    const text = `{"answer_url":"https://cb.example.com/c/token-0000000001"}`
    const get = async (body: Buffer | string, coding: string): Promise<string> => {
      api.behave(() => ({
        headers: [
          ['Content-Type', 'application/json; charset=utf-8'],
          ['Content-Encoding', coding],
        ],
        body,
      }))
      const { answer } = await exchange(
        front.port,
        `GET ${account}/Call/1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      )
      return answer?.body.toString('latin1') ?? ''
    }
    const zipped = await get(gzipSync(text), 'gzip')
    expect(gunzipSync(Buffer.from(zipped, 'latin1')).toString()).toBe(
      JSON.stringify({ answer_url: answerUrl }),
    )
    expect(await get(text, 'identity')).toBe(text)
    expect(await get(text, 'gzip')).toBe(text)
  })

  it('refuses what is no request for the API', async () => {
    await using api = await startTarget()
    await using front = await startFront(api.origin)
    const { answer } = await exchange(front.port, 'GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(answer?.status).toBe(400)
    expect(api.requests).toHaveLength(0)
  })
})
