import { createSocket } from 'node:dgram'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createResolver, type Resolver } from '../../../src/forward/resolve.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { startTarget } from '../../support/target-server.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

type Zone = Record<string, { a?: string[]; ttl?: number; isSilent?: boolean; aaaaIsSilent?: boolean }>

/** A name server on loopback: A records of a zone, NXDOMAIN for the rest, silence on demand. */
class NameServer implements AsyncDisposable {
  readonly asked: string[] = []
  readonly zone: Zone
  readonly #socket = createSocket('udp4')

  constructor(zone: Zone) {
    this.zone = zone
    this.#socket.on('message', (query, from) => {
      const { name, type, end } = questionOf(query)
      if (type === 1) this.asked.push(name)
      const entry = this.zone[name]
      if (entry?.isSilent === true || (type === 28 && entry?.aaaaIsSilent === true)) return
      const records = type === 1 ? (entry?.a ?? []) : []
      const head = Buffer.from(query.subarray(0, 12))
      head.writeUInt16BE(entry === undefined ? 0x8183 : 0x8180, 2)
      head.writeUInt16BE(records.length, 6)
      head.fill(0, 8)
      const answers = records.map((address) => {
        const record = Buffer.from([
          0xc0,
          12,
          0,
          1,
          0,
          1,
          0,
          0,
          0,
          0,
          0,
          4,
          ...address.split('.').map(Number),
        ])
        record.writeUInt32BE(entry?.ttl ?? 10, 6)
        return record
      })
      this.#socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address)
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve))
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-resolve-'))
})
afterEach(() => rm(folder, { recursive: true }))

let now = 0
const clock = { wall: () => 0, mono: () => now }

async function resolverOn(server: NameServer): Promise<Resolver> {
  return createResolver({
    clock,
    servers: [await server.listen()],
    hostsPath: join(folder, 'hosts'),
    resolvPath: join(folder, 'resolv.conf'),
  })
}

describe('resolver', () => {
  test('a literal address stands for itself, at once', async () => {
    await using server = new NameServer({})
    const resolver = await resolverOn(server)
    expect(resolver.addresses('192.0.2.1')).toEqual(['192.0.2.1'])
    expect(resolver.addresses('2001:db8::1')).toEqual(['2001:db8::1'])
    expect(server.asked).toEqual([])
  })

  test('a name is asked for once, then known at once until its time is over', async () => {
    await using server = new NameServer({ 'api.test': { a: ['192.0.2.1', '192.0.2.2'], ttl: 20 } })
    const resolver = await resolverOn(server)
    expect(await resolver.addresses('API.test')).toEqual(['192.0.2.1', '192.0.2.2'])
    now += 19_999
    expect(resolver.addresses('api.test')).toEqual(['192.0.2.1', '192.0.2.2'])
    server.zone['api.test'] = { a: ['192.0.2.9'] }
    now += 2
    expect(await resolver.addresses('api.test')).toEqual(['192.0.2.9'])
    expect(server.asked).toHaveLength(2)
  })

  test.each([
    [0, 5_000],
    [86_400, 60_000],
  ])('a time to live of %i s counts as %i ms', async (ttl, ms) => {
    await using server = new NameServer({ 'api.test': { a: ['192.0.2.1'], ttl } })
    const resolver = await resolverOn(server)
    await resolver.addresses('api.test')
    now += ms - 1
    expect(resolver.addresses('api.test')).toEqual(['192.0.2.1'])
    now += 2
    expect(resolver.addresses('api.test')).toBeInstanceOf(Promise)
  })

  test('many who ask at once cost one question', async () => {
    await using server = new NameServer({ 'api.test': { a: ['192.0.2.1'] } })
    const resolver = await resolverOn(server)
    await Promise.all(Array.from({ length: 50 }, async () => resolver.addresses('api.test')))
    expect(server.asked).toEqual(['api.test'])
  })

  test('a name that does not exist fails in words, and is asked for again after a second', async () => {
    await using server = new NameServer({})
    const resolver = await resolverOn(server)
    await expect(resolver.addresses('no.test')).rejects.toThrow('the name no.test does not exist')
    await expect(resolver.addresses('no.test')).rejects.toThrow('no.test')
    expect(server.asked).toHaveLength(1)
    now += 1_001
    server.zone['no.test'] = { a: ['192.0.2.3'] }
    expect(await resolver.addresses('no.test')).toEqual(['192.0.2.3'])
  })

  test('a name server that died does not matter to names that were known, for five minutes', async () => {
    await using server = new NameServer({ 'api.test': { a: ['192.0.2.1'] } })
    const resolver = await resolverOn(server)
    await resolver.addresses('api.test')
    server.zone['api.test'] = { isSilent: true }
    now += 20_000
    const started = performance.now()
    expect(await resolver.addresses('api.test')).toEqual(['192.0.2.1'])
    expect(performance.now() - started).toBeLessThan(600)
    now += 300_000
    await expect(resolver.addresses('api.test')).rejects.toThrow('no name server answered for api.test')
  })

  test('dead names do not hold up a healthy one', async () => {
    const dead = Array.from({ length: 100 }, (_, index) => `dead${index}.test`)
    const zone: Zone = { 'api.test': { a: ['192.0.2.1'] } }
    for (const name of dead) zone[name] = { isSilent: true }
    await using server = new NameServer(zone)
    const resolver = await resolverOn(server)
    const failures = Promise.allSettled(dead.map(async (name) => resolver.addresses(name)))
    const started = performance.now()
    expect(await resolver.addresses('api.test')).toEqual(['192.0.2.1'])
    expect(performance.now() - started).toBeLessThan(300)
    expect((await failures).every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('an IPv6 question without an answer does not hold up IPv4', async () => {
    await using server = new NameServer({ 'api.test': { a: ['192.0.2.1'], aaaaIsSilent: true } })
    const resolver = await resolverOn(server)
    const started = performance.now()
    expect(await resolver.addresses('api.test')).toEqual(['192.0.2.1'])
    expect(performance.now() - started).toBeLessThan(500)
  })

  test('the hosts file comes first, and localhost never leaves the machine', async () => {
    await writeFile(
      join(folder, 'hosts'),
      '# local\n192.0.2.5  Handler handler.lan # mine\n192.0.2.6 handler\n',
    )
    await using server = new NameServer({ handler: { a: ['192.0.2.99'] } })
    const resolver = await resolverOn(server)
    expect(await resolver.addresses('handler')).toEqual(['192.0.2.5', '192.0.2.6'])
    expect(await resolver.addresses('localhost')).toEqual(['127.0.0.1', '::1'])
    expect(await resolver.addresses('a.localhost')).toEqual(['127.0.0.1', '::1'])
    expect(server.asked).toEqual([])
  })

  test('short names are completed as the platform says', async () => {
    await writeFile(join(folder, 'resolv.conf'), 'nameserver 192.0.2.53\nsearch ns.svc.test svc.test\n')
    await using server = new NameServer({
      'handler.ns.svc.test': { a: ['192.0.2.5'] },
      'a.b.svc.test': { a: ['192.0.2.6'] },
    })
    const resolver = await resolverOn(server)
    expect(await resolver.addresses('handler')).toEqual(['192.0.2.5'])
    expect(await resolver.addresses('a.b')).toEqual(['192.0.2.6'])
    expect(server.asked).toEqual(['handler.ns.svc.test', 'a.b', 'a.b.ns.svc.test', 'a.b.svc.test'])
  })
})

describe('forwarding by name', () => {
  test('dials the address that was checked; one forbidden address among several closes the name', async () => {
    await using server = new NameServer({
      'good.test': { a: ['127.0.0.1'] },
      'mixed.test': { a: ['127.0.0.1', '10.0.0.1'] },
    })
    await using target = await startTarget()
    await using forwarder = testForwarder({ resolver: await resolverOn(server) })
    const outcomeOf = async (name: string): Promise<string> => {
      const route = routeTo([`http://${name}:${target.port}/`])
      const { attempts } = await forwarder.forward(exchangeOn(route), live)
      return `${attempts[0]!.outcome} ${attempts[0]!.error}`
    }
    expect(await outcomeOf('good.test')).toBe('ok ')
    expect(target.requests[0]!.header('host')).toBe(`good.test:${target.port}`)
    expect(await outcomeOf('mixed.test')).toMatch(
      /^blocked_target mixed\.test: 10\.0\.0\.1 is a private address/,
    )
    expect(await outcomeOf('gone.test')).toBe('dns the name gone.test does not exist (or has no address)')
    expect(target.connections).toBe(1)
  })

  test('a name that turns to an inner address later is refused on the next connection', async () => {
    await using server = new NameServer({ 'rebind.test': { a: ['127.0.0.1'], ttl: 0 } })
    await using target = await startTarget()
    const resolver = await resolverOn(server)
    await using forwarder = testForwarder({ resolver, policy: createAddressPolicy(['127.0.0.1']) })
    const route = routeTo([`http://rebind.test:${target.port}/`])
    expect((await forwarder.forward(exchangeOn(route), live)).success).toBeDefined()
    server.zone['rebind.test'] = { a: ['127.0.0.2'] }
    now += 6_000
    for (const socket of target.sockets) socket.destroy()
    const { attempts } = await forwarder.forward(exchangeOn(route), live)
    expect(attempts[0]!.outcome).toBe('blocked_target')
    expect(target.connections).toBe(1)
  })

  test('a silent name server ends as dns inside the time to connect', async () => {
    await using server = new NameServer({ 'slow.test': { isSilent: true } })
    await using forwarder = testForwarder({ resolver: await resolverOn(server) })
    const { attempts } = await forwarder.forward(exchangeOn(routeTo(['http://slow.test/#ct=200'])), live)
    expect(attempts[0]).toMatchObject({ outcome: 'dns', error: 'slow.test was not resolved within 200 ms' })
  })

  test('the next address is tried when the first refuses', async () => {
    await using target = await startTarget()
    await using server = new NameServer({ 'two.test': { a: ['127.0.0.9', '127.0.0.1'] } })
    await using forwarder = testForwarder({ resolver: await resolverOn(server) })
    const { success } = await forwarder.forward(
      exchangeOn(routeTo([`http://two.test:${target.port}/`])),
      live,
    )
    expect(success).toBeDefined()
    expect(success!.phases.dns).toBeGreaterThanOrEqual(0)
  })
})
