import { DatabaseSync } from 'node:sqlite'

import type { AlertStore } from '../alert-store.ts'
import { openAlertStore } from './alert-store.ts'

/** An alert store in memory, for what is only tried out. It knows no callbacks, so it tells nothing of their fate. */
export function openMemoryAlertStore(): AlertStore & Disposable {
  const db = new DatabaseSync(':memory:')
  const store = openAlertStore(db)
  const calls = Object.entries(store).map(([name, call]) => {
    // oxlint-disable-next-line typescript/require-await -- what fails must reject, not throw
    const near = async (...args: never[]): Promise<unknown> =>
      (call as (...args: never[]) => unknown)(...args)
    return [name, near]
  })
  return {
    ...(Object.fromEntries(calls) as AlertStore),
    [Symbol.dispose]: () => db.close(),
  }
}
