import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { AttemptRow, CallbackRow, Page, StatusView } from '../../src/admin/api.ts'
import type { Dialect } from '../../src/verify/verifier.ts'
import { BookKeeper, PATIENT, Provider, readLedger, untilNothingWaits } from '../support/book-keepers.ts'
import { compareBooks } from '../support/ledger-books.ts'
import { callbacksOf, getJson, SECRET as RESCUE_SECRET, startRescue } from '../support/rescue-rig.ts'
import { runRingback } from '../support/run-daemon.ts'
import { SlackSink } from '../support/slack-sink.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'
import { behaviours, startTarget, type TargetServer } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'
import { onlyOn, postOnce, signatureOf, type Told, untilServing, workersOf } from '../support/worker-rig.ts'

const PUBLIC_URL = 'https://callbacks.example.com'
const PATH = '/vobiz/MA_TEST123'
const keys = {
  WEBHOOK_SECRET: 'whsec-workers-0123456789',
  AUTH_TOKEN: 'auth-token-workers-0123456789',
  PARENT_TOKEN: 'parent-token-workers-0123456789',
  TRUNK_SECRET: 'trunk-secret-workers-0123456789',
} as const

const dialects: readonly (readonly [Dialect, keyof typeof keys, string])[] = [
  ['timestamp', 'WEBHOOK_SECRET', PATH],
  ['v2', 'AUTH_TOKEN', PATH],
  ['v3', 'AUTH_TOKEN', PATH],
  ['ma-v2', 'PARENT_TOKEN', PATH],
  ['ma-v3', 'PARENT_TOKEN', PATH],
  ['trunk', 'TRUNK_SECRET', `${PATH}/trunks/trunk-7`],
]

let nonces = 10n ** 19n
const nextNonce = (): string => String(nonces++)

const event = (callId: string): string => JSON.stringify({ event: 'call.completed', call_id: callId })

function configText(handler: string): string {
  return `
public_url: ${PUBLIC_URL}
listen: 127.0.0.1:0
workers: 2
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    auth_token: { env: AUTH_TOKEN }
    parent_auth_token: { env: PARENT_TOKEN }
    default_callback_url: ${handler}
    trunks:
      - { id: trunk-7, status_callback: '${handler}', signing_secret: { env: TRUNK_SECRET } }
alerts: { rules: { signature_failures: { enabled: false } } }
notify:
  slack: { webhook_url: { env: SLACK_URL } }
`
}

describe('two workers and their owner', () => {
  let handler: TargetServer
  let slack: SlackSink
  let ringback: RunningRingback
  let workers: readonly [number, number]

  beforeAll(async () => {
    handler = await startTarget(() => ({ body: '{"status":"received"}' }))
    slack = await SlackSink.start()
    ringback = await startRingback(configText(`${handler.origin}/hook`), {
      env: { ...keys, SLACK_URL: slack.url },
    })
    const [first = 0, second = 0] = await untilServing(ringback, 2)
    workers = [first, second]
  })
  afterAll(async () => {
    await ringback[Symbol.asyncDispose]()
    await slack[Symbol.asyncDispose]()
    await handler[Symbol.asyncDispose]()
  })

  function send(
    body: string,
    [dialect, key, path]: (typeof dialects)[number] = dialects[0]!,
    secret: string = keys[key],
  ): Promise<Told> {
    const signed = signatureOf(dialect, { secret, baseUrl: PUBLIC_URL + path, body, nonce: nextNonce() })
    return postOnce(ringback.publicUrl + path, body, signed)
  }
  function sendTo(worker: number, callId: string): Promise<Told> {
    return onlyOn(ringback, worker, () => send(event(callId)))
  }

  it.each(dialects)(
    'take callbacks signed by %s byte for byte, and refuse forged ones',
    async (...dialect) => {
      for (const worker of workers) {
        const body = `{ "event":"call.completed",\n "call_id":"${dialect[0]}-${worker}", "note":"caf\\u00e9 \u00e9"}`
        await onlyOn(ringback, worker, async () => {
          expect(await send(body, dialect)).toEqual({ status: 200, text: '{"status":"received"}' })
          expect(handler.requests.at(-1)!.body.toString()).toBe(body)
          const before = handler.requests.length
          expect(await send(`${body} `, dialect, 'another-secret-0123456789')).toMatchObject({ status: 401 })
          expect(handler.requests).toHaveLength(before)
        })
      }
    },
  )

  it('take a per-call URL from the moment on in which it is registered, and no other', async () => {
    for (const worker of workers) {
      const response = await fetch(`${ringback.adminUrl}/api/v1/calls`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          account: 'MA_TEST123',
          call_id: `own-${worker}`,
          callback_url: `${handler.origin}/own`,
        }),
      })
      const { public_url: url } = (await response.json()) as { public_url: string }
      const path = url.slice(PUBLIC_URL.length)
      await onlyOn(ringback, worker, async () => {
        const dialect = ['v3', 'AUTH_TOKEN', path] as const
        const told = [
          await send(event(`own-${worker}`), dialect),
          await send(event(`own-${worker}`), dialect, 'another-secret-0123456789'),
          await send(event(`own-${worker}`), ['v3', 'AUTH_TOKEN', `${path}x`]),
        ]
        expect(told.map(({ status }) => status)).toEqual([200, 401, 404])
      })
      expect(handler.requests.at(-1)!.target).toBe('/own')
    }
  })

  it('answer what came before as before, whichever of them it came to', async () => {
    const body = event('repeated')
    const [dialect, key, path] = dialects[0]!
    const signed = signatureOf(dialect, {
      secret: keys[key],
      baseUrl: PUBLIC_URL + path,
      body,
      nonce: nextNonce(),
    })
    const before = handler.requests.length
    for (const worker of workers) {
      const told = await onlyOn(ringback, worker, () => postOnce(ringback.publicUrl + path, body, signed))
      expect(told.status).toBe(200)
    }
    expect(handler.requests).toHaveLength(before + 1)
  })

  it('fire one alert at the third failure in a row, over all of them', async () => {
    handler.behave(() => behaviours.status(503, 'down'))
    const [first, second] = workers
    expect(await sendTo(first, 'failing-1')).toEqual({ status: 503, text: 'down' })
    expect(await sendTo(second, 'failing-2')).toEqual({ status: 503, text: 'down' })
    await sleep(300)
    expect(slack.messages.map(({ raw }) => raw)).toEqual([])
    await sendTo(first, 'failing-3')
    await waitFor('the alert', () => slack.messages.length === 1)
    await sendTo(second, 'failing-4')
    handler.behave(() => ({ body: '{"status":"received"}' }))
    await sendTo(first, 'mended-1')
    await sendTo(second, 'mended-2')
    await waitFor('its end', () => slack.messages.length === 2)
    expect(slack.messages).toHaveLength(2)
  })

  it('are one daemon to metrics and status', async () => {
    const text = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
    const sum = (name: string, label = ''): number =>
      text
        .split('\n')
        .filter((line) => line.startsWith(name) && line.includes(label))
        .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
    const rows = await callbacksOf(ringback)
    const refused = rows.filter(({ result }) => result === 'rejected').length
    expect(refused).toBe(2 * (dialects.length + 2))
    expect(sum('ringback_callbacks_received_total')).toBe(rows.length)
    expect(sum('ringback_signature_failures_total')).toBe(2 * (dialects.length + 1))
    expect(sum('ringback_delivery_attempts_total')).toBe(handler.requests.length)
    expect(sum('ringback_response_duration_seconds_count')).toBe(rows.length)
    expect(sum('ringback_deliveries_in_flight')).toBe(0)
    expect(sum('ringback_workers ')).toBe(2)
    expect(sum('ringback_workers_wanted ')).toBe(2)
    const status = await getJson<StatusView>(ringback, '/api/v1/status')
    expect(status.workers).toEqual({ wanted: 2, serving: 2, lost: 0 })
  })

  it('have the new configuration, all of it, when a reload is answered', async () => {
    const path = '/added/'
    const config = join(ringback.folder, 'ringback.yaml')
    const text = await readFile(config, 'utf8')
    const reload = async (): Promise<number> =>
      (await fetch(`${ringback.adminUrl}/api/v1/reload`, { method: 'POST' })).status
    const added = `routes:\n  - { id: added, path: ${path}, target: '${handler.url}', signature: 'off' }\n`
    try {
      await writeFile(config, text.replace('{ env: WEBHOOK_SECRET }', '{ env: AUTH_TOKEN }') + added)
      expect(await reload()).toBe(200)
      for (const worker of workers) {
        await onlyOn(ringback, worker, async () => {
          expect(await postOnce(`${ringback.publicUrl}${path}x`, event(`added-${worker}`))).toMatchObject({
            status: 200,
          })
          const old = await send(event(`old-${worker}`))
          const fresh = await send(event(`new-${worker}`), dialects[0], keys.AUTH_TOKEN)
          expect([old.status, fresh.status]).toEqual([401, 200])
        })
      }
    } finally {
      await writeFile(config, text)
      expect(await reload()).toBe(200)
    }
    expect(await postOnce(`${ringback.publicUrl}${path}x`, event('gone'))).toMatchObject({ status: 404 })
  })

  it('finish what is under way when the daemon stops, and end with it', async () => {
    handler.behave(behaviours.after(400, { body: 'finished' }))
    const before = handler.requests.length
    const underWay = workers.flatMap((worker) =>
      [1, 2, 3].map((n) => ({ worker, body: event(`last-${worker}-${n}`) })),
    )
    const told: Promise<Told>[] = []
    for (const worker of workers) {
      await onlyOn(ringback, worker, async () => {
        for (const { body } of underWay.filter((each) => each.worker === worker)) told.push(send(body))
        await handler.seen(before + told.length)
      })
    }
    expect(await ringback.stop()).toBe(0)
    expect(await Promise.all(told)).toEqual(underWay.map(() => ({ status: 200, text: 'finished' })))
    expect(workers.filter((worker) => !isGone(worker))).toEqual([])
  })
})

function sendCallback(
  ringback: RunningRingback,
  callId: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const body = JSON.stringify({ event: 'call.completed', call_id: callId, ...fields })
  const signed = signatureOf('timestamp', { secret: RESCUE_SECRET, baseUrl: '', body, nonce: '' })
  return postOnce(ringback.publicUrl + PATH, body, signed)
}

describe('a worker that is killed', () => {
  it('cuts off its own callbacks alone: they are rescued, and another one takes its place', async () => {
    await using handler = await startTarget(behaviours.hang)
    await using backup = await startTarget()
    await using ringback = await startRescue({
      target: `${handler.origin}/hook`,
      account: `    applications:
      - { id: app, callback_url: '${handler.origin}/hook', fallback_callback_url: '${backup.url}' }`,
      top: 'workers: 2',
    })
    const [first = 0, second = 0] = await untilServing(ringback, 2)
    const send = (callId: string): Promise<Told> => sendCallback(ringback, callId, { application_id: 'app' })
    const { cut } = await onlyOn(ringback, first, async () => {
      const told = send('cut')
      await handler.seen(1)
      return { cut: told }
    })
    const { kept } = await onlyOn(ringback, second, async () => {
      const told = send('kept')
      await handler.seen(2)
      return { kept: told }
    })
    handler.behave(behaviours.ok)
    process.kill(first, 'SIGKILL')
    expect((await cut).status).toBe(0)
    expect(await untilServing(ringback, 2, first)).toContain(second)
    // The other worker's callback has its time, and its fallback.
    expect(await kept).toEqual({ status: 200, text: 'ok' })
    expect(backup.requests).toHaveLength(1)
    const late = await waitFor('a late delivery', async () => {
      const { rows } = await getJson<Page<CallbackRow>>(ringback, '/api/v1/callbacks')
      return rows.find(({ call_id, result }) => call_id === 'cut' && result === 'delivered_late')
    })
    const { rows } = await getJson<{ rows: readonly AttemptRow[] }>(
      ringback,
      `/api/v1/callbacks/${late.id}/attempts`,
    )
    expect(rows.map(({ number, target, outcome }) => [number, target, outcome])).toEqual([
      [1, 'primary', 'unknown'],
      [2, 'primary', 'ok'],
    ])
    expect(rows[0]!.error).toBe('cut off: the worker process that made the request ended')
    const status = await getJson<StatusView>(ringback, '/api/v1/status')
    expect(status.workers).toEqual({ wanted: 2, serving: 2, lost: 1 })
  })

  it('or that hangs with a callback under way is replaced, and the callback is rescued', async () => {
    await using handler = await startTarget(behaviours.hang)
    await using ringback = await startRescue({
      target: `${handler.origin}/hook`,
      top: 'workers: 2\ndefaults: { deadline: 1s }',
    })
    const [first = 0, second = 0] = await untilServing(ringback, 2)
    const { told } = await onlyOn(ringback, first, async () => {
      const answer = sendCallback(ringback, 'hung')
      await handler.seen(1)
      return { told: answer }
    })
    process.kill(first, 'SIGSTOP')
    handler.behave(behaviours.ok)
    expect(await untilServing(ringback, 2, first)).toContain(second)
    expect((await told).status).toBe(0)
    await waitFor('a late delivery', async () => {
      const rows = await callbacksOf(ringback)
      return rows.some(({ call_id, result }) => call_id === 'hung' && result === 'delivered_late')
    })
    expect(ringback.logs()).toContain('"how":"it hung"')
  })

  it(
    'loses no acknowledged callback under load, whatever the handler does',
    { timeout: 60_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'ringback-workers-'))
      try {
        const keeper = new BookKeeper()
        await using handler = await startTarget(keeper.handle)
        await using ringback = await startRescue(
          { target: `${handler.origin}/hook`, rescue: PATIENT, top: 'workers: 2' },
          folder,
        )
        const provider = new Provider()
        provider.port = ringback.publicPort
        provider.start(8)
        for (const mode of ['ok', 'down', 'ok', 'flapping'] as const) {
          keeper.mode = mode
          await sleep(300)
          const [victim = 0] = workersOf(ringback)
          process.kill(victim, 'SIGKILL')
          await untilServing(ringback, 2, victim)
        }
        keeper.mode = 'ok'
        await sleep(200)
        await provider.stop()
        await untilNothingWaits(ringback)
        const status = await getJson<StatusView>(ringback, '/api/v1/status')
        expect(status.workers).toEqual({ wanted: 2, serving: 2, lost: 4 })
        expect(await ringback.stop()).toBe(0)
        const { written, integrity } = readLedger(folder)
        const verdict = compareBooks({ sent: provider.sent, received: keeper.received, written })
        expect(verdict.problems).toEqual([])
        expect({ doubtless: verdict.doubtless, unwritten: verdict.unwritten, integrity }).toEqual({
          doubtless: 0,
          unwritten: 0,
          integrity: 'ok',
        })
        expect(verdict.acknowledged).toBeGreaterThan(100)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  )
})

it('workers count what is under way together, and end with an owner that is killed', async () => {
  await using handler = await startTarget(behaviours.hang)
  await using ringback = await startRescue({
    target: `${handler.origin}/hook`,
    top: 'workers: 2\ndefaults: { max_in_flight: 2 }',
  })
  const workers = await untilServing(ringback, 2)
  const underWay: Promise<Told>[] = []
  for (const worker of workers) {
    await onlyOn(ringback, worker, async () => {
      underWay.push(sendCallback(ringback, `under-way-${worker}`))
      await handler.seen(underWay.length)
    })
  }
  for (const worker of workers) {
    const told = await onlyOn(ringback, worker, () => sendCallback(ringback, 'one-too-many'))
    expect(told.status).toBe(503)
    expect(told.text).toContain('too many callbacks')
  }
  await ringback.kill()
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([0, 0])
  const ended = await waitFor('the end of both', () => workers.every(isGone))
  expect(ended).toBe(true)
})

function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0)
  } catch {
    return true
  }
}

it('a port that is taken is named, with workers too', async () => {
  await using taken = await startTarget()
  const folder = await mkdtemp(join(tmpdir(), 'ringback-taken-'))
  try {
    await writeFile(join(folder, 'ringback.yaml'), `listen: 127.0.0.1:${taken.port}\nworkers: 2\n`)
    const { code, stderr } = await runRingback(['serve', '--config', 'ringback.yaml'], { folder })
    expect([code, stderr]).toEqual([3, expect.stringContaining(`listen: 127.0.0.1:${taken.port} is taken`)])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
