import type { DatabaseSync } from 'node:sqlite'

import { openAlertStore } from './alert-store.ts'
import { createRegistrationStore } from './tables/registrations.ts'
import { createReplayStore } from './tables/replay-table.ts'
import { createRescueStore } from './rescue-store.ts'
import { openConsoleStore } from './tables/console-tables.ts'
import { createRetentionStore } from './retention-store.ts'

/**
 * The small stores that the writer thread hosts: objects of synchronous methods over its connection.
 * To add one, name its maker here; the near side appears as `ledger.stores.<name>`.
 */
export const storeMakers = {
  registrations: createRegistrationStore,
  retention: createRetentionStore,
  rescue: createRescueStore,
  replays: createReplayStore,
  alerts: openAlertStore,
  console: openConsoleStore,
}

/** Every hosted store, by name. */
export type Stores = { readonly [Name in keyof typeof storeMakers]: ReturnType<(typeof storeMakers)[Name]> }

export function openStores(db: DatabaseSync): Stores {
  const opened = Object.entries(storeMakers).map(([name, make]) => [name, make(db)] as const)
  return Object.fromEntries(opened) as unknown as Stores
}
