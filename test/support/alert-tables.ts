import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { AlertStore, Synchronous } from '../../src/ledger/alert-store.ts'
import { openAlertStore } from '../../src/ledger/sqlite/alert-store.ts'
import type { OnStep } from './recording-notifier.ts'

/** The tables of an alert store in a file or, by default, in memory. */
export function openTables(file = ':memory:'): Synchronous<AlertStore> & Disposable {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  return { ...openAlertStore(db), [Symbol.dispose]: () => db.close() }
}

/** An alert store whose calls are promises. */
export function openStore(
  tables: Synchronous<AlertStore> & Disposable,
  onStep: OnStep = () => undefined,
): AlertStore & Disposable {
  const { [Symbol.dispose]: close, ...methods } = tables
  const calls = Object.entries(methods).map(([name, call]) => {
    const near = async (...args: never[]): Promise<unknown> => {
      await Promise.resolve()
      onStep(`before ${name}`)
      const result = (call as (...args: never[]) => unknown)(...args)
      onStep(`after ${name}`)
      return result
    }
    return [name, near]
  })
  return { ...(Object.fromEntries(calls) as AlertStore), [Symbol.dispose]: close }
}

export async function scratchFile(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-alerts-'))
  return {
    path: join(folder, 'alerts.db'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
