import type { DatabaseSync } from 'node:sqlite'

import { Committer } from './committer.ts'
import { openForWriting } from './database.ts'
import { createHousekeeping, type Housekeeping } from './housekeeping.ts'
import { codeOf, problemOf } from './problem.ts'
import type {
  Batch,
  BatchResult,
  Call,
  CallResult,
  LedgerPosition,
  SetAside,
  Turn,
  TurnDone,
  WriterData,
} from '../writing/protocol.ts'
import { recoverCutOff } from './recovery/cut-off.ts'
import { recoverLeases } from './recovery/leases.ts'
import { recoverTaken } from './recovery/taken.ts'
import { recoverSecured } from './recovery/secured-rows.ts'
import { readTakings } from './recovery/taken-journal.ts'
import { sumUp } from './standings/sum-up.ts'
import { openStores, type Stores } from './stores.ts'
import { unpackUnderWay } from './tables/under-way-table.ts'
import { inTransaction } from './transaction.ts'

const BUSY = 5

interface Opened {
  readonly db: DatabaseSync
  readonly committer: Committer
  readonly stores: Stores
  readonly housekeeping: Housekeeping
}

/**
 * What the writer thread does, without the thread. A connection that met an error of the disk is not trusted again
 * (after a failed sync the cache of the system may lie): it is closed, and the next turn opens a new one.
 */
export class WriterHost {
  readonly #data: WriterData
  #opened: Opened | undefined
  #setAside: SetAside | undefined
  /** No batch came since the last quiet moment. */
  #isQuiet = false

  /** @throws RingbackError when the ledger cannot be opened */
  constructor(data: WriterData) {
    this.#data = data
    if (!data.isFirst) {
      this.#open()
      return
    }
    this.#recoverJournal()
    const { db } = this.#open()
    recoverTaken(db, readTakings(data.path), Date.now()) // what is settled here is in doubt no more
    recoverLeases(db, Date.now())
    recoverCutOff(db, Date.now())
  }

  /** What it found at its start that cannot be committed. */
  get setAside(): SetAside | undefined {
    return this.#setAside
  }

  /** How far the ledger has come. */
  get position(): LedgerPosition {
    return this.#open().committer.position
  }

  /** Method names of the hosted stores. */
  storeMethods(): Record<string, string[]> {
    const stores = Object.entries(this.#open().stores)
    return Object.fromEntries(stores.map(([name, store]) => [name, Object.keys(store)]))
  }

  run(turn: Turn): TurnDone {
    return {
      batch: turn.batch === undefined ? undefined : this.#commit(turn.batch),
      results: turn.calls.map((call) => this.#call(call)),
    }
  }

  afterTurn(): void {
    this.#keepHouse(({ housekeeping }) => housekeeping.afterTurn(Date.now()))
  }

  /** To be called now and then, also while batches come. */
  whenQuiet(): void {
    const isQuiet = this.#isQuiet
    this.#isQuiet = true
    this.#keepHouse(({ committer, housekeeping }) => {
      if (isQuiet && committer.isBehind) committer.catchUp(Date.now(), false)
      housekeeping.whenQuiet(Date.now())
    })
  }

  close(): void {
    this.#keepHouse(({ committer }) => committer.isBehind && committer.catchUp(Date.now(), true))
    const { db } = this.#opened ?? {}
    this.#opened = undefined
    if (db === undefined) return
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      db.close()
    }
  }

  #open(): Opened {
    if (this.#opened !== undefined) return this.#opened
    const db = openForWriting(this.#data.path)
    try {
      inTransaction(db, () => {
        unpackUnderWay(db)
        sumUp(db)
      })
      this.#opened = {
        db,
        committer: new Committer(db, this.#data),
        stores: openStores(db),
        housekeeping: createHousekeeping(db, this.#data.replayWindowMs),
      }
    } catch (error) {
      db.close()
      throw error
    }
    return this.#opened
  }

  #commit(batch: Batch): BatchResult {
    const startedAt = performance.now()
    this.#isQuiet = false
    try {
      const lost = this.#open().committer.commit(batch)
      return { seconds: (performance.now() - startedAt) / 1000, lost, problem: '', canRetry: false }
    } catch (error) {
      const isOpen = this.#opened !== undefined
      const { text, canRetry } = problemOf(error)
      this.#distrust(error)
      return {
        seconds: (performance.now() - startedAt) / 1000,
        lost: [],
        problem: text,
        canRetry: canRetry || !isOpen,
      }
    }
  }

  /** What is under way after it is known to a connection that is closed: the next one finds it as any other finds it. */
  #recoverJournal(): void {
    const { db, committer } = this.#open()
    const { isAny, setAside } = recoverSecured(committer, this.#data.path)
    this.#setAside = setAside
    if (!isAny) return
    this.#opened = undefined
    db.close()
  }

  #call({ id, store, method, args }: Call): CallResult {
    try {
      const { db, stores } = this.#open()
      const methods = (
        stores as unknown as Record<string, Record<string, (...args: readonly unknown[]) => unknown>>
      )[store]
      const run = methods?.[method]
      if (run === undefined) return { id, problem: `the ledger has no ${store}.${method}` }
      return { id, value: inTransaction(db, () => run(...args)) }
    } catch (error) {
      this.#distrust(error)
      return { id, problem: problemOf(error).text }
    }
  }

  #keepHouse(work: (opened: Opened) => void): void {
    if (this.#opened === undefined) return
    try {
      work(this.#opened)
    } catch (error) {
      this.#distrust(error) // said loudly by the next commit, if it lasts
    }
  }

  #distrust(error: unknown): void {
    if (!problemOf(error).canRetry || codeOf(error) === BUSY) return
    const { db } = this.#opened ?? {}
    this.#opened = undefined
    db?.close()
  }
}
