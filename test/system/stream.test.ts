import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/admin/api.ts'
import { readEvents, type ServerEvent } from '../../src/cli/event-source.ts'
import { daemonEnv, MAIN } from '../support/shipped.ts'
import { signedPost } from '../support/signed-post.ts'
import { freePort, type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { behaviours, startTarget, type TargetServer } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

// Whoever follows the stream of a real daemon: over a lost connection, over a restart, and slower than it goes.

const secret = 'whsec-stream-0123456789'
let handler: TargetServer
let folder: string
let config: string
let ringback: RunningRingback

beforeAll(async () => {
  handler = await startTarget()
  folder = await mkdtemp(join(tmpdir(), 'ringback-stream-'))
  config = `
public_url: https://callbacks.example.com
listen: 127.0.0.1:${await freePort()}
admin: { listen: 127.0.0.1:${await freePort()} }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
rescue: { schedule: [100ms, 100ms, 1h] }
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    default_callback_url: ${handler.origin}/hook
`
  await start()
})
afterAll(async () => {
  await ringback[Symbol.asyncDispose]()
  await handler.close()
  await rm(folder, { recursive: true })
})

async function start(): Promise<void> {
  ringback = await startRingback(config, { folder, env: { WEBHOOK_SECRET: secret } })
}

async function post(more: object = {}): Promise<number> {
  const path = '/vobiz/MA_TEST123'
  const { status } = await signedPost({
    dialect: 'timestamp',
    secret,
    publicUrl: `https://callbacks.example.com${path}`,
    sendTo: ringback.publicUrl + path,
    body: JSON.stringify({ event: 'call.completed', call_id: randomUUID(), ...more }),
  })
  return status
}

async function postMany(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await post()
}

/** One connection to the stream. */
class Follower implements AsyncDisposable {
  readonly events: ServerEvent[] = []
  readonly #end = new AbortController()
  #done: Promise<void> = Promise.resolve()

  static async open(lastId = ''): Promise<Follower> {
    const follower = new Follower()
    const response = await fetch(`${ringback.adminUrl}/api/v1/stream`, {
      headers: lastId === '' ? {} : { 'last-event-id': lastId },
      signal: follower.#end.signal,
    })
    follower.#done = follower.#read(response).catch(() => undefined) // ended by us or by the daemon
    return follower
  }

  async #read(response: Response): Promise<void> {
    if (response.body === null) return
    const text = response.body.pipeThrough(new TextDecoderStream())
    for await (const event of readEvents(text)) this.events.push(event)
  }

  /** Waits for an event with this text in it. */
  async until(text: string): Promise<void> {
    await waitFor(text, () => this.events.some(({ id, data }) => id.includes(text) || data.includes(text)))
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== '')?.id ?? ''
  }

  get names(): readonly string[] {
    return this.events.map(({ id }) => id.replace(/^\d+-/, ''))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#done
  }
}

/** What the ledger holds, by the names of the stream. */
async function namesInLedger(since: number): Promise<readonly string[]> {
  const { rows } = await api<Page<CallbackRow>>(`callbacks?limit=1000&since=${new Date(since).toISOString()}`)
  const deliveries = rows.filter(({ duplicate_of: original }) => original === '')
  const names = deliveries.map(async ({ id, result }) => {
    const attempts = await api<{ rows: { number: number }[] }>(`callbacks/${id}/attempts`)
    return [result, ...attempts.rows.map(({ number }) => number)].map((what) => `${id}.${what}`)
  })
  return (await Promise.all(names)).flat().sort()
}

async function api<Body>(path: string): Promise<Body> {
  return (await (await fetch(`${ringback.adminUrl}/api/v1/${path}`)).json()) as Body
}

describe('after a lost connection', () => {
  it('nothing is told twice and nothing is missed: not an attempt, not a late delivery', async () => {
    const startedAt = Date.now()
    const first = await Follower.open()
    await postMany(3)
    await waitFor('three callbacks with their attempts', () => first.events.length === 6)
    await first[Symbol.asyncDispose]()

    await postMany(3)
    handler.behave(() => behaviours.status(503))
    await post({ call_id: 'rescued-while-away' })
    handler.behave(behaviours.ok)
    await waitFor('late delivery', async () => {
      const { rows } = await api<Page<CallbackRow>>('callbacks?result=delivered_late')
      return rows.length === 1
    })
    await using second = await Follower.open(first.lastId)
    await post({ call_id: 'after' })
    await second.until('"call_id":"after","kind"')
    const told = [...first.names, ...second.names].sort()
    const rescued = told.filter((name) => name.endsWith('.rescued'))
    expect(rescued).toHaveLength(1)
    const lasting = told.filter((name) => !rescued.includes(name))
    await expect.poll(() => namesInLedger(startedAt)).toEqual(lasting)
  })

  it.each(['nonsense', `9${Date.now()}-01KAJ0000000000000000000XX.delivered`, '0', '-', '1-x'])(
    'an id that is none of ours (%s) is told as such, and the stream goes on from now',
    async (id) => {
      await using follower = await Follower.open(id)
      await follower.until('unknown_id')
      await post({ call_id: `from-now-${id}` })
      await follower.until(`"call_id":"from-now-${id}","kind"`)
      const [gap] = follower.events
      expect(gap).toMatchObject({ id: '', type: 'gap', data: '{"dropped":null,"reason":"unknown_id"}' })
      expect(follower.events).toHaveLength(3)
    },
  )

  it('an id of long ago is told as such, and the last hour from the ledger', async () => {
    await using follower = await Follower.open(
      `${Date.now() - 7_200_000}-01KAJ0000000000000000000XX.delivered`,
    )
    await post({ call_id: 'since-long' })
    await follower.until('"call_id":"since-long","kind"')
    expect(follower.events[0]).toMatchObject({ type: 'gap', data: '{"dropped":null,"reason":"too_old"}' })
    const told = follower.names.filter((name) => name !== '')
    expect(new Set(told).size).toBe(told.length)
    const known = await namesInLedger(0)
    expect([...told].sort()).toEqual(expect.arrayContaining([...known]))
  })
})

describe('over a restart', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s nothing is missed, and `ringback tail` tells nothing twice',
    async (signal) => {
      const startedAt = Date.now()
      await using first = await Follower.open()
      using tail = startTail()
      await tail.isFollowing
      await postMany(5)
      await first.until(`"number":1`)
      await first[Symbol.asyncDispose]()
      await postMany(5)
      // One that is under way when the daemon goes.
      handler.behave(behaviours.hang)
      const cutOff = post({ call_id: `under-way-${signal}` }).catch(() => 0)
      await handler.seen(handler.requests.length + 1)
      if (signal === 'SIGKILL') await ringback.kill()
      else await ringback.stop()
      await cutOff
      handler.behave(behaviours.ok)
      await start()
      await postMany(3)

      await using second = await Follower.open(first.lastId)
      await post({ call_id: `last-${signal}` })
      await second.until(`"call_id":"last-${signal}","kind"`)
      await tail.until(`"call_id":"last-${signal}","kind"`)
      const newest = second.names
        .filter((name) => name.endsWith('.delivered'))
        .toSorted()
        .at(-1)
      const known = await waitFor('rescue of what was cut off, and the row of the last one', async () => {
        const names = await namesInLedger(startedAt)
        const isRescued =
          names.some((name) => name.endsWith('.delivered_late')) &&
          !names.some((name) => name.endsWith('.rescued'))
        return isRescued && names.includes(newest ?? '') && names
      })
      const last = known.filter((name) => name.endsWith('.delivered_late'))
      expect(last).toHaveLength(1)
      await second.until(last[0] ?? '')
      await tail.until('"delivered_late"')

      // The second before the connection was lost may reach back to before this test.
      const ofThisTest = (names: readonly string[]): readonly string[] =>
        names.filter((name) => !name.endsWith('.rescued') && name >= (known[0] ?? '')).sort()
      expect(ofThisTest([...new Set([...first.names, ...second.names])])).toEqual(known)
      expect(ofThisTest(tail.names)).toEqual(known)
      // What is told again is of the second before the connection was lost.
      const again = second.events.filter(({ id }) => first.names.includes(id.replace(/^\d+-/, '')))
      const lostAt = Number(first.lastId.split('-')[0])
      expect(again.filter(({ id }) => Number(id.split('-')[0]) < lostAt - 1000)).toEqual([])

      tail.interrupt()
      expect(await tail.ended).toBe(0)
    },
  )
})

/** `ringback tail --json` in a process of its own. */
function startTail() {
  const child = spawn(process.execPath, [MAIN, 'tail', '--json', '--url', ringback.adminUrl], {
    env: daemonEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return {
    isFollowing: once(child.stderr, 'data'),
    until: (wanted: string) => waitFor(`${wanted} in ringback tail`, () => text.includes(wanted)),
    get names(): readonly string[] {
      const lines = text.trimEnd().split('\n')
      return lines.map((line) => {
        const { id, result, callback_id, number } = JSON.parse(line) as Record<string, string>
        return id === undefined ? `${callback_id}.${number}` : `${id}.${result}`
      })
    },
    interrupt: () => child.kill('SIGINT'),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
    ended: new Promise((resolve) => child.once('exit', resolve)),
  }
}

it('a client that reads nothing costs events that are counted, while every callback is answered', async () => {
  const COUNT = 6000
  const slow = connect(ringback.adminPort, '127.0.0.1')
  slow.write('GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await once(slow, 'readable') // the head has come: it follows from here on, and reads no more
  const [before] = await Promise.all([answered(), flood(COUNT)])
  expect((await answered()) - before).toBe(COUNT)

  let text = ''
  slow.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  await waitFor('gap', () => text.includes('event: gap'))
  const dropped = Number(/"dropped":(\d+),"reason":"slow"/.exec(text)?.[1])
  const told = text.split('\nevent: attempt\n').length + text.split('\nevent: callback\n').length - 2
  slow.destroy()
  expect(told + dropped).toBe(2 * COUNT)
  expect(dropped).toBeGreaterThan(0)
})

async function answered(): Promise<number> {
  const text = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
  const [, count = '0'] =
    /^ringback_deliveries_total\{[^}]*result="delivered"[^}]*\} (\d+)$/m.exec(text) ?? []
  return Number(count)
}

async function flood(count: number): Promise<void> {
  const LANES = 32
  const statuses = Array.from({ length: LANES }, async (_, lane) => {
    for (let n = lane; n < count; n += LANES) {
      const status = await post({ note: 'x'.repeat(10), call_id: randomUUID().repeat(3) })
      if (status !== 200) throw new Error(`answered ${status}`)
    }
  })
  await Promise.all(statuses)
}
