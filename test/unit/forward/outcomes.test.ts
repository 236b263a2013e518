import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'

import { describe, expect, test } from 'vitest'

import type { Attempt } from '../../../src/callback/attempt.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { behaviours, type Handler, startTarget } from '../../support/target-server.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

const deadline = { deadlineMs: 500, marginMs: 100 }

async function attemptOn(
  url: string,
  timing: Partial<Parameters<typeof routeTo>[1]> = deadline,
): Promise<Attempt> {
  await using forwarder = testForwarder({ maxReplyBytes: 1000 })
  const { attempts } = await forwarder.forward(exchangeOn(routeTo([url], timing)), live)
  expect(attempts).toHaveLength(1)
  return attempts[0]!
}

async function attemptAgainst(handler: Handler): Promise<Attempt> {
  await using target = await startTarget(handler)
  const attempt = await attemptOn(target.url)
  expect(target.requests).toHaveLength(1)
  return attempt
}

describe('statuses', () => {
  test.each([
    [200, 'ok'],
    [201, 'ok'],
    [202, 'ok'],
    [204, 'ok'],
    [301, 'http_3xx'],
    [302, 'http_3xx'],
    [307, 'http_3xx'],
    [308, 'http_3xx'],
    [400, 'http_4xx'],
    [401, 'http_4xx'],
    [404, 'http_4xx'],
    [410, 'http_4xx'],
    [422, 'http_4xx'],
    [429, 'http_429'],
    [500, 'http_5xx'],
    [503, 'http_5xx'],
    [600, 'protocol'],
  ])('%i is %s, with status and reply kept', async (status, outcome) => {
    const attempt = await attemptAgainst(() => ({
      status,
      headers: [['Location', 'http://127.0.0.1:9/never']],
      body: status === 204 ? '' : 'text',
    }))
    expect(attempt.outcome).toBe(outcome)
    expect(attempt.status).toBe(status)
    expect(attempt.error.startsWith(outcome === 'ok' ? '' : `answered ${status}`)).toBe(true)
    expect(Buffer.from(attempt.reply!.body).toString()).toBe(status === 204 ? '' : 'text')
    expect(attempt.reply!.status).toBe(status)
  })
})

const head = 'HTTP/1.1 200 OK\r\n'

describe('complete replies', () => {
  test.each<[string, Handler]>([
    [
      'chunked',
      behaviours.raw(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n`),
    ],
    ['ended by closing, HTTP/1.0', behaviours.rawAndClose('HTTP/1.0 200 OK\r\n\r\nhello')],
    ['ended by closing, HTTP/1.1', behaviours.rawAndClose(`${head}Connection: close\r\n\r\nhello`)],
    ['without a reason phrase', behaviours.raw('HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello')],
    [
      'followed by bytes too many',
      behaviours.raw(`${head}Content-Length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\n\r\n`),
    ],
    ['after 100', behaviours.raw(`HTTP/1.1 100 Continue\r\n\r\n${head}Content-Length: 5\r\n\r\nhello`)],
    [
      'after 100 with headers',
      behaviours.raw(`HTTP/1.1 100 Continue\r\nA: b\r\n\r\n${head}Content-Length: 5\r\n\r\nhello`),
    ],
    [
      'after 100, 102, 103',
      behaviours.raw(
        `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n${head}Content-Length: 5\r\n\r\nhello`,
      ),
    ],
    [
      'byte by byte after 100',
      behaviours.drip(0, `HTTP/1.1 100 Continue\r\n\r\n${head}Content-Length: 5\r\n\r\nhello`),
    ],
  ])('%s are ok', async (_name, handler) => {
    const attempt = await attemptAgainst(handler)
    expect(attempt).toMatchObject({ outcome: 'ok', status: 200, error: '' })
    expect(Buffer.from(attempt.reply!.body).toString()).toBe('hello')
    expect(attempt.reply!.headers).not.toContain('Content-Length')
    expect(attempt.reply!.headers).not.toContain('Transfer-Encoding')
  })

  test('a body that looks like an interim head is not touched', async () => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\nrest'
    const attempt = await attemptAgainst(() => ({ body }))
    expect(Buffer.from(attempt.reply!.body).toString()).toBe(body)
  })

  test('bytes too many cost the connection, and never reach the next callback', async () => {
    await using target = await startTarget(
      behaviours.raw(`${head}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`),
    )
    await using forwarder = testForwarder()
    for (let i = 0; i < 5; i++) {
      const { success } = await forwarder.forward(exchangeOn(routeTo([target.url])), live)
      expect(Buffer.from(success!.reply!.body).toString()).toBe('ok')
    }
    expect(target.connections).toBe(5)
  })
})

describe('half, ambiguous and broken replies are never ok', () => {
  test.each<[string, Handler, Attempt['outcome']]>([
    ['Content-Length cut short', behaviours.truncate, 'reset'],
    ['Content-Length cut short by RST', behaviours.truncateByReset, 'reset'],
    [
      'Content-Length cut short, announced',
      behaviours.rawAndClose(`${head}Connection: close\r\nContent-Length: 9\r\n\r\nabc`),
      'reset',
    ],
    [
      'chunked without an end',
      behaviours.rawAndClose(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
      'reset',
    ],
    [
      'chunked without an end, announced',
      behaviours.rawAndClose(`${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel`),
      'reset',
    ],
    ['a head cut short', behaviours.rawAndClose('HTTP/1.1 200 OK\r\nConte'), 'reset'],
    ['a status line cut short', behaviours.rawAndClose('HTTP/1.'), 'reset'],
    [
      'a bad chunk size',
      behaviours.raw(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`),
      'protocol',
    ],
    [
      'two different Content-Lengths',
      behaviours.raw(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`),
      'protocol',
    ],
    [
      'two equal Content-Lengths',
      behaviours.raw(`${head}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`),
      'protocol',
    ],
    [
      'Content-Length and Transfer-Encoding',
      behaviours.raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
      'protocol',
    ],
    ['garbage', behaviours.garbage, 'protocol'],
    ['HTTP/0.9', behaviours.rawAndClose('<Response></Response>'), 'protocol'],
    ['a head with bare LF', behaviours.raw('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'), 'protocol'],
    ['NUL in a header', behaviours.raw(`${head}A: b\0c\r\nContent-Length: 5\r\n\r\nhello`), 'protocol'],
    ['a folded header', behaviours.raw(`${head}A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello`), 'protocol'],
    [
      'a space before the colon',
      behaviours.raw(`${head}A : b\r\nContent-Length: 5\r\n\r\nhello`),
      'protocol',
    ],
    [
      'an unasked 101',
      behaviours.raw('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
      'protocol',
    ],
    ['a status below 100', behaviours.raw('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'), 'protocol'],
    ['RST instead of a reply', behaviours.reset, 'reset'],
    ['FIN instead of a reply', behaviours.close, 'reset'],
    ['a body over the limit', () => ({ body: 'x'.repeat(1001) }), 'too_large'],
    [
      'a chunked body over the limit',
      behaviours.raw(`${head}Transfer-Encoding: chunked\r\n\r\nfff\r\n${'x'.repeat(4095)}\r\n`),
      'too_large',
    ],
    [
      'a head over the limit',
      behaviours.raw(`${head}A: ${'x'.repeat(70_000)}\r\nContent-Length: 5\r\n\r\nhello`),
      'too_large',
    ],
    [
      '200 headers',
      behaviours.raw(`${head}${'A: b\r\n'.repeat(200)}Content-Length: 5\r\n\r\nhello`),
      'too_large',
    ],
    ['no head', behaviours.hang, 'timeout_response'],
    ['a head and then nothing', behaviours.raw(`${head}Content-Length: 5\r\n\r\n`), 'timeout_response'],
    ['endless interim heads', behaviours.raw('HTTP/1.1 100 Continue\r\n\r\n'.repeat(50)), 'timeout_response'],
  ])('%s', async (_name, handler, outcome) => {
    const attempt = await attemptAgainst(handler)
    expect(attempt.outcome).toBe(outcome)
    expect(attempt.reply).toBeUndefined()
    expect(attempt.error).toMatch(/127\.0\.0\.1:\d+/)
  })

  test('a reply ended by closing that is cut by RST', async () => {
    const attempt = await attemptAgainst(async (_request, socket) => {
      socket.write(`${head}Connection: close\r\n\r\nhalf of`)
      await new Promise((resolve) => setTimeout(resolve, 30))
      socket.resetAndDestroy()
    })
    expect(attempt).toMatchObject({ outcome: 'reset', reply: undefined })
  })

  test('a slow drip ends at our own total time, not at an idle time', async () => {
    const started = performance.now()
    const attempt = await attemptAgainst(behaviours.drip(40))
    expect(attempt).toMatchObject({
      outcome: 'timeout_response',
      error: expect.stringMatching(/no (complete )?reply from .* within \d+ ms/) as string,
    })
    expect(performance.now() - started).toBeLessThan(480)
  })
})

describe('no connection', () => {
  test('refused', async () => {
    const target = await startTarget()
    const { url, port } = target
    await target.close()
    const attempt = await attemptOn(url)
    expect(attempt).toMatchObject({
      outcome: 'refused',
      status: 0,
      error: `connection refused by 127.0.0.1:${port}`,
    })
    expect(attempt.phases.connect).toBeNaN()
    expect(attempt.phases.total).toBeGreaterThanOrEqual(0)
  })

  test('reset on accept', async () => {
    await using target = await startTarget(behaviours.ok, {
      onConnection: (socket) => {
        socket.resetAndDestroy()
        return true
      },
    })
    expect((await attemptOn(target.url)).outcome).toBe('reset')
    expect(target.connections).toBe(1)
  })

  test('a full backlog is a connect timeout, at the time that the URL gives', async () => {
    const deaf = new Worker(
      `const { parentPort } = require('node:worker_threads')
       const server = require('node:net').createServer()
       server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
         parentPort.postMessage(server.address().port)
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
       })`,
      { eval: true },
    )
    const port = await new Promise<number>((resolve) => deaf.once('message', resolve))
    const fillers = Array.from({ length: 4 }, () =>
      connect({ port, host: '127.0.0.1' }).on('error', () => undefined),
    )
    try {
      await new Promise((resolve) => fillers[0]!.once('connect', resolve))
      const attempt = await attemptOn(`http://127.0.0.1:${port}/#ct=150`, {})
      expect(attempt).toMatchObject({
        outcome: 'timeout_connect',
        error: `no connection to 127.0.0.1:${port} within 150 ms`,
      })
      expect(attempt.phases.total).toBeLessThan(300)
    } finally {
      for (const filler of fillers) filler.destroy()
      await deaf.terminate()
    }
  })

  test('by default loopback is refused, without a connection', async () => {
    await using target = await startTarget()
    await using forwarder = testForwarder({ policy: createAddressPolicy([]) })
    const { attempts } = await forwarder.forward(exchangeOn(routeTo([target.url])), live)
    expect(attempts[0]).toMatchObject({
      outcome: 'blocked_target',
      error: '127.0.0.1 is a loopback address; list its range under allow_targets if it is meant',
    })
    expect(target.connections).toBe(0)
  })
})
