import { createHash } from 'node:crypto'

import { pino } from 'pino'
import { expect, onTestFinished } from 'vitest'

import { openGuards, type OpenGuards } from '../../../../src/assembly/open-guards.ts'
import type { Exchange } from '../../../../src/callback/callback.ts'
import type { LedgerReader } from '../../../../src/ledger/ledger.ts'
import type { SqliteLedger } from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import { identityOfContent } from '../../../../src/verify/content-hash.ts'
import { identityOfSignature } from '../../../../src/verify/guard/guard-key.ts'
import { sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { sqliteHarness } from '../../../contract/sqlite-harness.ts'

export const WINDOW_MS = 600_000
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A ledger and the file beside it; every start of guards says what it asked of the ledger. */
export class Stage {
  readonly ledger: SqliteLedger
  readonly path: string
  readonly file: string
  /** What the pages that were read began after. */
  readonly asked: string[] = []
  /** How often callbacks of the ledger were looked up since the start. */
  lookUps = 0
  said = ''
  aheadMs = 0
  #count = 0

  constructor(ledger: SqliteLedger, path: string) {
    this.ledger = ledger
    this.path = path
    this.file = `${path}.guards`
  }

  async start(windowMs = WINDOW_MS): Promise<OpenGuards> {
    this.asked.length = 0
    this.lookUps = 0
    this.said = ''
    const { reader } = this.ledger
    const heard: Pick<LedgerReader, 'callback' | 'callbacks' | 'events' | 'guards'> = {
      callback: (id) => reader.callback(id),
      callbacks: (filter) => {
        this.lookUps++
        return reader.callbacks(filter)
      },
      events: (since, most, after) => reader.events(since, most, after),
      guards: (since, most, after) => {
        this.asked.push(after)
        return reader.guards(since, most, after)
      },
    }
    const log = pino({}, { write: (line: string) => (this.said += line) })
    const clock = { wall: () => Date.now() + this.aheadMs }
    return openGuards(
      { replay_window: windowMs, store: `sqlite:${this.path}` },
      { ledger: { reader: heard }, clock, log },
    )
  }

  /** Callbacks that were taken and told, as guards see them and the ledger keeps them. */
  async take(count: number, ...all: OpenGuards[]): Promise<Exchange[]> {
    const exchanges = Array.from({ length: count }, () => this.#exchange())
    for (const exchange of exchanges) {
      const { guardKey, bodyHash, callback } = exchange
      for (const { guard, repeats } of all) {
        guard.admit(guardKey, bodyHash, callback.id, Date.now())
        guard.settle(guard.admitted, told)
        repeats.admit(contentOf(exchange), bodyHash, callback.id, Date.now())
        repeats.settle(repeats.admitted, told)
      }
      this.ledger.writer.keep(exchange)
      this.ledger.writer.settle(exchange, sampleDelivery())
    }
    await this.ledger.writer.flush()
    return exchanges
  }

  /** A callback that is under way. */
  async begin({ guard, repeats }: OpenGuards, { isKept = true } = {}): Promise<Exchange> {
    const exchange = this.#exchange()
    const { guardKey, bodyHash, callback } = exchange
    guard.admit(guardKey, bodyHash, callback.id, Date.now())
    repeats.admit(contentOf(exchange), bodyHash, callback.id, Date.now())
    if (isKept) this.ledger.writer.keep(exchange)
    await this.ledger.writer.flush()
    return exchange
  }

  #exchange(): Exchange {
    const number = this.#count++
    const guardKey = identityOfSignature(hashOf(`signature ${number}`))
    return sampleExchange({ exchange: { guardKey, bodyHash: hashOf(`body ${number}`) } })
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
export const told = { status: 200, contentType: '', body: undefined, delivered: true }

export async function stage(): Promise<Stage> {
  const harness = await sqliteHarness(() => ({}))
  const ledger = await harness.open()
  onTestFinished(async () => {
    await ledger.close()
    await harness.end()
  })
  return new Stage(ledger, harness.path)
}

export function contentOf({ route, facts, bodyHash }: Exchange): string {
  return identityOfContent({
    route: route.id,
    call_id: facts.callId,
    event: facts.event,
    body_hash: bodyHash,
  })
}

export function expectKnown({ guard, repeats }: OpenGuards, exchanges: readonly Exchange[]): void {
  for (const exchange of exchanges) {
    const { callback, guardKey, bodyHash } = exchange
    const known = { kind: 'answered', duplicateOf: callback.id }
    expect(guard.admit(guardKey, bodyHash, 'another', Date.now())).toMatchObject(known)
    expect(repeats.admit(contentOf(exchange), bodyHash, 'another', Date.now())).toMatchObject(known)
  }
}
