import type { Call, CallResult } from '../writing/protocol.ts'
import { connect, inTransaction, openPool, type Pool } from './connection.ts'
import { migrate } from './migrations.ts'
import { problemOf, refusalOf } from './problem.ts'
import type { StoreData } from './protocol.ts'
import { createReader } from './queries/reader.ts'
import { createAlertStore } from './stores/alert-store.ts'
import { forgetAnswers } from './stores/answers.ts'
import { createConsole } from './stores/console.ts'
import { Hearing } from './stores/hearing.ts'
import { Lead, type LeadState } from './stores/lead.ts'
import { createRegistrations } from './stores/registrations.ts'
import { createReplays } from './stores/replays.ts'
import { createRescueStore } from './stores/rescue-store.ts'
import { createRetention } from './stores/retention.ts'
import { forgetDead, seen, settleDead, signIn, signOut } from './stores/sessions.ts'

const MIGRATION_MS = 600_000
const STATEMENT_MS = 5_000
const READ_MS = 10_000
const POOL = 4
/** How often this process says that it is alive. */
const SEEN_EVERY_MS = 2_000

/** What this thread says without being asked. */
export interface LeadNotice {
  readonly notice: 'lead'
  readonly state: LeadState
}

type Tell = (notice: LeadNotice) => void
type Methods = Record<string, (...args: never[]) => Promise<unknown>>

/** What the thread of the stores does, without the thread. */
export class StoreHost {
  readonly #data: StoreData
  readonly #pool: Pool
  readonly #readers: Pool
  readonly #stores: Readonly<Record<string, object>>
  readonly #hearing: Hearing
  readonly #lead: Lead
  readonly #beat: NodeJS.Timeout
  readonly writer: number
  #isBeating = false

  private constructor(data: StoreData, writer: number, tell: Tell) {
    const { place } = data
    this.#data = data
    this.writer = writer
    this.#pool = openPool(place, { name: 'stores', timeoutMs: STATEMENT_MS, most: POOL })
    this.#readers = openPool(place, { name: 'readers', timeoutMs: READ_MS, most: POOL, isReadOnly: true })
    this.#hearing = new Hearing(this.#pool, writer)
    this.#lead = new Lead(place, (state) => tell({ notice: 'lead', state }))
    this.#stores = {
      reader: createReader(this.#readers),
      registrations: createRegistrations(this.#pool),
      retention: createRetention(this.#pool),
      rescue: createRescueStore(this.#pool, writer),
      replays: createReplays(this.#pool, writer),
      alerts: createAlertStore(this.#pool),
      console: createConsole(this.#pool),
      session: { number: () => Promise.resolve(writer), lead: () => this.#lead.ask() },
      hearing: { heard: () => this.#hearing.heard() },
    }
    this.#beat = setInterval(() => void this.#keepHouse(), SEEN_EVERY_MS)
  }

  /**
   * Brings the schema up to date, signs this process in and settles what dead ones left.
   *
   * @throws RingbackError when the database cannot be used
   */
  static async open(data: StoreData, tell: Tell): Promise<StoreHost> {
    const { place, session } = data
    try {
      const client = await connect(place, { name: 'start', timeoutMs: MIGRATION_MS }, () => undefined)
      let host: StoreHost
      try {
        await migrate(client, place)
        host = new StoreHost(data, await signIn(client, session), tell)
      } finally {
        await client.end()
      }
      await settleDead(host.#pool, host.writer, Date.now())
      await host.#lead.ask()
      return host
    } catch (error) {
      throw refusalOf(place.location, error)
    }
  }

  get lead(): LeadState {
    return this.#lead.state
  }

  /** Method names of the hosted stores. */
  storeMethods(): Record<string, string[]> {
    return Object.fromEntries(Object.entries(this.#stores).map(([name, store]) => [name, Object.keys(store)]))
  }

  async run({ id, store, method, args }: Call): Promise<CallResult> {
    try {
      const run = (this.#stores[store] as Methods | undefined)?.[method]
      if (run === undefined) return { id, problem: `the ledger has no ${store}.${method}` }
      return { id, value: await run(...(args as never[])) }
    } catch (error) {
      return { id, problem: problemOf(error).text }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beat)
    await this.#lead.close()
    await signOut(this.#pool, this.writer).catch(() => undefined) // then it is settled a little later
    await Promise.all([this.#pool.end(), this.#readers.end()])
  }

  async #keepHouse(): Promise<void> {
    if (this.#isBeating) return
    this.#isBeating = true
    try {
      const nowMs = Date.now()
      await inTransaction(this.#pool, (db) => seen(db, this.writer))
      await settleDead(this.#pool, this.writer, nowMs)
      await forgetDead(this.#pool)
      await this.#hearing.forget()
      await forgetAnswers(this.#pool, nowMs - this.#data.replayWindowMs)
    } catch {
      // The writer says loudly that the database is away; the next beat tries again.
    } finally {
      this.#isBeating = false
    }
  }
}
