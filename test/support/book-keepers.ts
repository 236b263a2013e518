import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Received, Sent, Written } from './ledger-books.ts'
import { callbacksOf, sendEvent } from './rescue-rig.ts'
import type { RunningRingback } from './start-ringback.ts'
import { behaviours, type Handler, type SeenRequest } from './target-server.ts'
import { waitFor } from './wait-for.ts'

/** The events of one call, in order. */
export const EVENTS = ['call.initiated', 'call.answered', 'recording.completed', 'call.completed']

/** Retries enough for any outage of a test: nothing is to die there. */
export const PATIENT = `schedule: [${[...Array<string>(5).fill('100ms'), ...Array<string>(45).fill('500ms')].join(', ')}]`

/** How a handler may behave. */
export const modes = ['ok', 'down', 'slow', 'refusing', 'resetting', 'half', 'flapping'] as const
export type Mode = (typeof modes)[number]

const hashOf = (body: Buffer | string): string => createHash('sha256').update(body).digest('hex')

/** A handler that keeps its own book of what it got and took. */
export class BookKeeper {
  readonly received: Received[] = []
  mode: Mode = 'ok'
  /** Time from a request to its reply. */
  delayMs = 0
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
    return this.delayMs === 0 ? reply : sleep(this.delayMs, reply)
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

interface ProviderEvent {
  readonly event: string
  readonly call_id: string
  readonly seq: number
  readonly [field: string]: string | number
}

/** Sends calls, one event after the other in each, to whichever process runs now, and keeps its own book. */
export class Provider {
  readonly sent: Sent[] = []
  /** 0 while no process runs. */
  port = 0
  #isStopped = false
  #calls = 0
  #last: ProviderEvent | undefined
  readonly #work: Promise<void>[] = []

  /** Callers send one call after the other until `stop`. */
  start(callers: number): void {
    this.#isStopped = false
    for (let i = 0; i < callers; i++) this.#work.push(this.#caller())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#work.splice(0))
  }

  /** One call, event by event; those that were cut off are sent once more, as the provider does. */
  async call(name = 'call'): Promise<void> {
    const callId = `${name}-${this.#calls++}`
    for (const [seq, event] of EVENTS.entries()) {
      const status = await this.#send({ event, call_id: callId, seq })
      if (status === 0) await this.#send({ event, call_id: callId, seq })
    }
  }

  /** The last event once more, in the same words, as the provider does when it got no answer. */
  async repeat(): Promise<void> {
    if (this.#last !== undefined) await this.#send(this.#last)
  }

  async #caller(): Promise<void> {
    while (!this.#isStopped) await this.call()
  }

  async #send(event: ProviderEvent): Promise<number> {
    this.#last = event
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
export function readLedger(folder: string): {
  readonly written: Written[]
  readonly slowestAnswerMs: number
  readonly integrity: unknown
} {
  const db = new DatabaseSync(join(folder, 'ledger/ringback.db'), { readOnly: true })
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
      integrity: Object.values(db.prepare('PRAGMA quick_check').get() ?? {})[0],
    }
  } finally {
    db.close()
  }
}

/** Nothing is under way and nothing waits. */
export async function untilNothingWaits(ringback: RunningRingback): Promise<void> {
  await waitFor(
    'empty backlog',
    async () =>
      (await callbacksOf(ringback, '&result=rescued')).length === 0 &&
      (await callbacksOf(ringback, '&result=pending')).length === 0,
    60_000,
  )
}
