import * as original from '../../src/assembly/open-ledger.ts'
import { silenced } from './silenced.ts'

export type { OpenLedger } from '../../src/assembly/open-ledger.ts'

/** A ledger that is open but never told anything. */
export async function openLedger(
  ...args: Parameters<typeof original.openLedger>
): Promise<original.OpenLedger> {
  const ledger = await original.openLedger(...args)
  const done = Promise.resolve()
  const writer = silenced(ledger.writer, {
    keep: () => 0,
    attempt: () => 0,
    settle: () => 0,
    refuse: () => 0,
    durable: () => done,
    secured: () => done,
    flush: () => done,
    health: () => ({ isWritable: true, problem: '', queued: 0 }),
  })
  return { ...ledger, writer }
}
