import { createServer, type Server } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { systemClock } from '../../../src/clock.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { createResolver } from '../../../src/forward/resolve.ts'
import { parseTarget } from '../../../src/routing/target.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

describe('address policy', () => {
  const none = createAddressPolicy([])

  test.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '2a00:1450:4001:82a::200e'])(
    'lets the public address %s pass',
    (address) => {
      expect(none.refusal(address)).toBeUndefined()
    },
  )

  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a00:5',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '2002:a00:5::',
    '2606:4700::5efe:a00:5',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'ffff::1',
  ])('refuses %s', (address) => {
    expect(none.refusal(address)).toContain(address)
  })

  test.each([
    '',
    'example.com',
    '1.2.3',
    '1.2.3.4.5',
    '0x7f000001',
    '2130706433',
    '127.1',
    '8.8.8.8/8',
    'junk%1',
  ])('refuses what is no plain address: %j', (text) => {
    expect(none.refusal(text)).toBeDefined()
  })

  test('a listed range opens itself and nothing else', () => {
    const policy = createAddressPolicy(['10.1.0.0/16', '192.168.1.7', 'fd00::/8'])
    expect(policy.refusal('10.1.2.3')).toBeUndefined()
    expect(policy.refusal('10.2.0.1')).toBeDefined()
    expect(policy.refusal('192.168.1.7')).toBeUndefined()
    expect(policy.refusal('192.168.1.8')).toBeDefined()
    expect(policy.refusal('fd12::1')).toBeUndefined()
    expect(policy.refusal('fe80::1')).toBeDefined()
    expect(policy.refusal('127.0.0.1')).toBeDefined()
  })

  test('a range counts for every way to write its addresses in IPv6', () => {
    const policy = createAddressPolicy(['10.0.0.0/8'])
    for (const form of [
      '::ffff:10.0.0.5',
      '::10.0.0.5',
      '64:ff9b::10.0.0.5',
      '2002:a00:5::1',
      '::ffff:0:a00:5',
    ]) {
      expect(policy.refusal(form)).toBeUndefined()
    }
    expect(policy.refusal('::ffff:11.0.0.5')).toBeDefined()
  })

  test.each(['10.0.0.0/33', 'localhost', '10.0.0', '10.0.0.0/', '', 'fe80::/129', '10/8'])(
    'a bad entry of the list is an error: %j',
    (entry) => {
      expect(() => createAddressPolicy([entry])).toThrow(RangeError)
    },
  )
})

describe('every way to write an inner address in a URL', () => {
  let server: Server
  let port = 0
  let connects = 0
  beforeAll(async () => {
    server = createServer((socket) => {
      connects += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(0, '::', resolve))
    port = (server.address() as { port: number }).port
  })
  afterAll(() => void server.close())

  const hosts = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '127.000.000.001',
    '0x7f.0x0.0x0.0x1',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '127.0.0.1',
    '127%2e0%2e0%2e1',
    '0',
    '0.0.0.0',
    '0x0',
    '127.127.127.127',
    'localhost',
    'LOCALHOST',
    'ⓛocalhost',
    'localhost.',
    'a.localhost',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2002:7f00:0001::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[::ffff:0:7f00:1]',
    '10.0.0.1',
    '10.1',
    '167772161',
    '0xa.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '192.168.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '[::ffff:169.254.169.254]',
    '100.64.0.1',
    '168.63.129.16',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    'user@127.0.0.1',
    'example.com@127.0.0.1',
    '127.0.0.1#@example.com',
    '127.0.0.1?@example.com',
  ]

  test(`${hosts.length} forms: none leads to a connection`, async () => {
    expect(hosts.length).toBeGreaterThanOrEqual(60)
    await using forwarder = testForwarder({
      policy: createAddressPolicy([]),
      resolver: createResolver({ clock: systemClock, servers: ['127.0.0.1:1'] }),
    })
    for (const host of hosts) {
      const url = `http://${host.replace(/(?=[#?])|$/, `:${port}`)}`
      try {
        parseTarget(url, 'primary')
      } catch {
        continue // refused already when the configuration is read
      }
      const { attempts } = await forwarder.forward(exchangeOn(routeTo([url])), live)
      expect([host, attempts[0]?.outcome]).toEqual([host, 'blocked_target'])
    }
    expect(connects).toBe(0)
  })
})
