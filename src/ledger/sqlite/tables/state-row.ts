import type { DatabaseSync } from 'node:sqlite'

import type { LedgerPosition } from '../../writing/protocol.ts'

/** The one row that says how far the ledger has come; changes in the transaction of each batch. */
export interface LedgerState extends LedgerPosition {
  /** Rows there are now. */
  readonly callbacks: number
  readonly refusals: number
  /** Callbacks ever received. */
  readonly received: number
  /** Number of the newest block of messages. */
  readonly block: number
}

export interface StateRow {
  read(): LedgerState
  write(state: LedgerState): void
}

export function createStateRow(db: DatabaseSync): StateRow {
  const select = db.prepare('SELECT session, ticket, callbacks, refusals, received, block FROM state')
  const update = db.prepare(
    'UPDATE state SET session = ?, ticket = ?, callbacks = ?, refusals = ?, received = ?, block = ?',
  )
  return {
    read() {
      const row = select.get()
      if (row === undefined) throw new Error('the ledger has lost its state row')
      return row as unknown as LedgerState
    },
    write({ session, ticket, callbacks, refusals, received, block }) {
      update.run(session, ticket, callbacks, refusals, received, block)
    },
  }
}
