import { createSecureContext } from 'node:tls'

import { describe, expect, test } from 'vitest'

import { systemClock } from '../../../src/clock.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { createOutside, type Outside } from '../../../src/forward/outside.ts'
import { createResolver } from '../../../src/forward/resolve.ts'
import { serverCertificate, testAuthority } from '../../support/certificates.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'

function outside(...allow: string[]): Outside {
  return createOutside({
    clock: systemClock,
    resolver: createResolver({ clock: systemClock, servers: ['127.0.0.1:1'] }),
    policy: createAddressPolicy(allow),
    secureContext: createSecureContext({ ca: testAuthority }),
  })
}

describe('the way out for notifications', () => {
  test('fetches from allowed addresses, over https too', async () => {
    for (const tls of [undefined, serverCertificate('good')]) {
      await using target = await startTarget(undefined, tls && { tls })
      const response = await outside('127.0.0.0/8').fetch(`${target.url}hook`, {
        method: 'POST',
        body: '{"text":"hi"}',
      })
      expect([response.status, await response.text()]).toEqual([200, 'ok'])
      expect(target.requests[0]!.body.toString()).toBe('{"text":"hi"}')
    }
  })

  test('connects to nothing inside unless it is allowed', async () => {
    await using target = await startTarget()
    for (const url of [target.url, `http://localhost:${target.port}/`, `http://2130706433:${target.port}/`]) {
      const error = await outside()
        .fetch(url)
        .catch((error: unknown) => error)
      expect(String((error as Error).cause)).toMatch(/loopback/)
    }
    expect(target.connections).toBe(0)
  })

  test('follows no redirect', async () => {
    await using inner = await startTarget()
    await using target = await startTarget(() => ({ status: 302, headers: [['Location', inner.url]] }))
    await expect(outside('127.0.0.0/8').fetch(target.url)).rejects.toThrow('fetch failed')
    await expect(outside('127.0.0.0/8').fetch(target.url, { redirect: 'follow' })).rejects.toThrow(
      'fetch failed',
    )
    expect(inner.connections).toBe(0)
  })

  test('can be given up', async () => {
    await using target = await startTarget(behaviours.hang)
    await expect(
      outside('127.0.0.0/8').fetch(target.url, { signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('gives a checked address for a host', async () => {
    expect(await outside('127.0.0.0/8', '::1').resolveHost('localhost')).toMatch(/^(127\.0\.0\.1|::1)$/)
    expect(await outside('::1').resolveHost('[::1]')).toBe('::1')
    await expect(outside().resolveHost('localhost')).rejects.toThrow(/localhost: .* is a loopback address/)
    await expect(outside().resolveHost('10.0.0.25')).rejects.toThrow(/private/)
  })
})
