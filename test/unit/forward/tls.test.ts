import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

import { describe, expect, test } from 'vitest'

import type { Attempt } from '../../../src/callback/attempt.ts'
import { serverCertificate, testAuthority } from '../../support/certificates.ts'
import { startTarget } from '../../support/target-server.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

const secureContext = createSecureContext({ ca: testAuthority })

async function attemptOn(url: string): Promise<Attempt> {
  await using forwarder = testForwarder({ secureContext })
  const route = routeTo([url], { deadlineMs: 900, marginMs: 100 })
  return (await forwarder.forward(exchangeOn(route), live)).attempts[0]!
}

describe('https targets', () => {
  test('are dialled with a checked certificate, by name and by address', async () => {
    await using target = await startTarget(undefined, { tls: serverCertificate('good') })
    for (const host of ['127.0.0.1', 'localhost']) {
      await using forwarder = testForwarder({ secureContext, policyAllows: ['127.0.0.0/8', '::1'] })
      const route = routeTo([`https://${host}:${target.port}/`])
      const first = (await forwarder.forward(exchangeOn(route), live)).success!
      expect(first.phases.tls).toBeGreaterThan(0)
      const second = (await forwarder.forward(exchangeOn(route), live)).success!
      expect(second.phases.tls).toBeNaN()
    }
    expect(target.requests).toHaveLength(4)
    expect(target.connections).toBe(2)
  })

  test('are remembered with the day on which the certificate that they showed expires', async () => {
    await using target = await startTarget(undefined, { tls: serverCertificate('good') })
    await using forwarder = testForwarder({ secureContext })
    expect(forwarder.certificateExpiresAt(target.origin)).toBeUndefined()
    await forwarder.forward(exchangeOn(routeTo([target.url])), live)
    const { validToDate } = new X509Certificate(serverCertificate('good').cert)
    expect(forwarder.certificateExpiresAt(target.origin)).toBe(validToDate.getTime())
  })

  test.each([
    ['expired', 'its certificate has expired'],
    ['wrong-name', 'its certificate is for another name'],
    ['self-signed', 'its certificate is self-signed'],
  ] as const)('with a certificate that is %s get nothing', async (name, words) => {
    await using target = await startTarget(undefined, { tls: serverCertificate(name) })
    const attempt = await attemptOn(target.url)
    expect(attempt.outcome).toBe('tls')
    expect(attempt.error).toBe(`no secure connection to 127.0.0.1:${target.port}: ${words}`)
    expect(target.requests).toHaveLength(0)
  })

  test('whose authority is unknown get nothing', async () => {
    await using target = await startTarget(undefined, { tls: serverCertificate('good') })
    await using forwarder = testForwarder()
    const { attempts } = await forwarder.forward(exchangeOn(routeTo([target.url])), live)
    expect(attempts[0]!.outcome).toBe('tls')
    expect(attempts[0]!.error).toMatch(/authority/)
    expect(target.requests).toHaveLength(0)
  })

  test('that speak plain HTTP on the port are told apart', async () => {
    await using target = await startTarget(undefined, {
      onConnection: (socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
        return true
      },
    })
    const attempt = await attemptOn(`https://127.0.0.1:${target.port}/`)
    expect(attempt).toMatchObject({ outcome: 'tls' })
    expect(attempt.error).toMatch(/it does not speak TLS on this port$/)
  })

  test('that close during the handshake are told apart', async () => {
    await using target = await startTarget(undefined, {
      onConnection: (socket) => void socket.once('data', () => socket.destroy()),
    })
    const attempt = await attemptOn(`https://127.0.0.1:${target.port}/`)
    expect(attempt).toMatchObject({
      outcome: 'tls',
      error: expect.stringContaining('closed during the handshake') as string,
    })
  })

  test('that never finish the handshake are a connect timeout', async () => {
    await using target = await startTarget(undefined, { onConnection: () => true })
    const attempt = await attemptOn(`https://127.0.0.1:${target.port}/#ct=150`)
    expect(attempt.error).toBe(`no TLS handshake with 127.0.0.1:${target.port} within 150 ms`)
    expect(attempt.outcome).toBe('timeout_connect')
  })
})
