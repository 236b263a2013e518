import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { type Books, compareBooks, type Received, type Sent, type Written } from '../support/ledger-books.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../support/random.ts'
import { callbacksOf, sendEvent, startRescue } from '../support/rescue-rig.ts'
import type { RunningRingback } from '../support/start-ringback.ts'
import { behaviours, type Handler, type SeenRequest, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const KILLS = Number(process.env['RINGBACK_KILLS'] ?? 6)
const CALLERS = 12
const EVENTS = ['call.initiated', 'call.answered', 'recording.completed', 'call.completed']
/** Retries enough for any outage of this test: nothing is to die here. */
const SCHEDULE = `schedule: [${[...Array<string>(5).fill('100ms'), ...Array<string>(45).fill('500ms')].join(', ')}]`

type Mode = 'ok' | 'down' | 'slow' | 'refusing' | 'resetting' | 'half' | 'flapping'
const modes: readonly Mode[] = ['ok', 'ok', 'down', 'slow', 'refusing', 'resetting', 'half', 'flapping']

const hashOf = (body: Buffer | string): string => createHash('sha256').update(body).digest('hex')

/** A handler that keeps its own book of what it got and took. */
class BookKeeper {
  readonly received: Received[] = []
  mode: Mode = 'ok'
  #requests = 0

  readonly handle: Handler = (request, socket) => {
    const reply = this.#reply(request, socket)
    const { call_id: callId, seq } = JSON.parse(request.body.toString()) as { call_id: string; seq: number }
    this.received.push({
      callId,
      seq,
      bodyHash: hashOf(request.body),
      deliveryId: request.header('x-ringback-delivery') ?? '',
      attempt: Number(request.header('x-ringback-attempt')),
      took: reply?.status === 200,
    })
    return reply
  }

  #reply(request: SeenRequest, socket: Socket): { status: number; body: string } | undefined {
    this.#requests++
    switch (this.mode) {
      case 'ok':
        return { status: 200, body: 'ok' }
      case 'down':
        return { status: 503, body: 'down' }
      case 'refusing':
        return { status: 429, body: 'later' }
      case 'slow':
        return undefined
      case 'resetting':
        behaviours.reset(request, socket)
        return undefined
      case 'half':
        behaviours.truncate(request, socket)
        return undefined
      case 'flapping':
        return this.#requests % 3 === 0 ? { status: 500, body: 'no' } : { status: 200, body: 'ok' }
    }
  }
}

/** Sends calls, one event after the other in each, to whichever process runs now, and keeps its own book. */
class Provider {
  readonly sent: Sent[] = []
  port = 0
  #isStopped = false
  #calls = 0
  readonly #work: Promise<void>[] = []

  start(): void {
    this.#isStopped = false
    for (let i = 0; i < CALLERS; i++) this.#work.push(this.#call())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#work.splice(0))
  }

  async #call(): Promise<void> {
    while (!this.#isStopped) {
      const callId = `call-${this.#calls++}`
      for (const [seq, event] of EVENTS.entries()) {
        const status = await this.#send({ event, call_id: callId, seq })
        // A call goes on when the process is up again; what was cut off is sent once more, as the provider does.
        if (status === 0) await this.#send({ event, call_id: callId, seq })
      }
    }
  }

  async #send(event: { event: string; call_id: string; seq: number }): Promise<number> {
    while (this.port === 0) await sleep(10)
    const startedAt = performance.now()
    const status = await sendEvent(this.port, event).then(
      (answer) => answer.status,
      () => 0,
    )
    this.sent.push({
      callId: event.call_id,
      seq: event.seq,
      bodyHash: hashOf(JSON.stringify(event)),
      status,
      ms: performance.now() - startedAt,
    })
    return status
  }
}

/** The ledger's book, read from the file after the daemon has stopped. */
function readLedger(path: string): { written: Written[]; slowestAnswerMs: number; integrity: unknown } {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const attempts = new Map<string, { number: number; outcome: string }[]>()
    for (const row of db.prepare('SELECT callback_id, number, outcome FROM attempts').all()) {
      const id = String(row['callback_id'])
      const list = attempts.get(id) ?? []
      list.push({ number: Number(row['number']), outcome: String(row['outcome']) })
      attempts.set(id, list)
    }
    const rows = db.prepare('SELECT id, call_id, event, result, duplicate_of FROM callbacks').all()
    return {
      written: rows.map((row) => ({
        id: String(row['id']),
        callId: String(row['call_id']),
        seq: EVENTS.indexOf(String(row['event'])),
        result: String(row['result']),
        duplicateOf: String(row['duplicate_of']),
        attempts: attempts.get(String(row['id'])) ?? [],
      })),
      slowestAnswerMs: Number(db.prepare('SELECT max(answer_ms) AS ms FROM callbacks').get()?.['ms']),
      integrity: db.prepare('PRAGMA quick_check').get(),
    }
  } finally {
    db.close()
  }
}

async function untilNothingWaits(ringback: RunningRingback): Promise<void> {
  await waitFor(
    'empty backlog',
    async () =>
      (await callbacksOf(ringback, '&result=rescued')).length === 0 &&
      (await callbacksOf(ringback, '&result=pending')).length === 0,
    60_000,
  )
}

test(
  `after ${KILLS} kills -9 under load no acknowledged callback is lost, and no call is out of order`,
  { timeout: 30_000 + KILLS * 15_000 },
  async () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    const folder = await mkdtemp(join(tmpdir(), 'ringback-kills-'))
    const keeper = new BookKeeper()
    await using handler = await startTarget(keeper.handle)
    const config = { target: `${handler.origin}/hook`, rescue: SCHEDULE }
    const provider = new Provider()
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        keeper.mode = kill === 0 ? 'down' : pick(random, modes)
        const ringback = await startRescue(config, folder)
        provider.port = ringback.publicPort
        if (kill === 0) provider.start()
        await sleep(200 + intBelow(random, 1000))
        provider.port = 0
        await ringback.kill()
      }
      keeper.mode = 'ok'
      const last = await startRescue(config, folder)
      provider.port = last.publicPort
      await sleep(500)
      await provider.stop()
      await untilNothingWaits(last)
      expect(await last.stop()).toBe(0)

      const { written, slowestAnswerMs, integrity } = readLedger(join(folder, 'ledger/ringback.db'))
      const books: Books = { sent: provider.sent, received: keeper.received, written }
      const verdict = compareBooks(books)
      const figures = {
        seed,
        kills: KILLS,
        sent: provider.sent.length,
        acknowledged: verdict.acknowledged,
        delivered: verdict.delivered,
        problems: verdict.problems.length,
        unwritten: verdict.unwritten,
        duplicates: `${(verdict.duplicates * 100).toFixed(2)} %`,
        slowestAnswerMs: Math.round(slowestAnswerMs),
        slowestSeenMs: Math.round(verdict.slowestMs),
      }
      process.stdout.write(`${JSON.stringify(figures)}\n`)
      expect(verdict.problems.slice(0, 20)).toEqual([])
      expect(integrity).toEqual({ quick_check: 'ok' })
      expect(verdict.acknowledged).toBeGreaterThan(10 * KILLS)
      // A kill may double what was taken and not yet committed: with a disk that is slow or shared, most of what is under way.
      expect(verdict.duplicates * verdict.delivered).toBeLessThanOrEqual(CALLERS * KILLS)
      expect(slowestAnswerMs).toBeLessThanOrEqual(2800)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
