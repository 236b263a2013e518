import type { LoadedConfig } from '../config/load.ts'
import type { AddressPolicy } from '../forward/address.ts'
import type { Policy } from '../pipeline.ts'

/** What is in force, as the last load left it. */
export interface Current {
  loaded: LoadedConfig
  policy: Policy
  addresses: AddressPolicy
  loadedAt: number
  /** Why the last reload was not taken over; empty when it was. */
  problem: string
}
