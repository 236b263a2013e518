import type { LoadedConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import type { AddressPolicy } from '../forward/address.ts'
import type { Policy } from '../pipeline.ts'

/** What is in force, as the last load left it. */
export interface Current {
  loaded: LoadedConfig
  /** That of the start, to which what waits for a restart keeps. */
  readonly started: Config
  policy: Policy
  addresses: AddressPolicy
  loadedAt: number
  /** Why the last reload was not taken over; empty when it was. */
  problem: string
}

export function currentAtStart(
  loaded: LoadedConfig,
  more: Pick<Current, 'policy' | 'addresses' | 'loadedAt'>,
): Current {
  return { ...more, loaded, started: loaded.config, problem: '' }
}
