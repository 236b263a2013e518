import { type AddressPolicy, createAddressPolicy } from '../forward/address.ts'
import type { Scope } from '../pipeline.ts'
import { Paths } from '../routing/paths.ts'
import { createVerifier } from '../verify/create-verifier.ts'
import type { Verifier } from '../verify/verifier.ts'
import type { WorkerPolicy } from './messages.ts'

/** A policy as a worker uses it. */
export interface TakenPolicy {
  /** As the owner counts them; 0 before the first. */
  readonly number: number
  readonly paths: Paths<Scope>
  /** By the name of a key ring. */
  readonly verifiers: ReadonlyMap<string, Verifier>
  readonly publicBase: string
  readonly providers: readonly string[]
  readonly addresses: AddressPolicy
}

export function takenPolicy(
  number: number,
  { rings, paths, publicBase, providers, allowTargets }: WorkerPolicy,
): TakenPolicy {
  const entries = paths.map(({ path, isWhole, value: { ring, signature, label } }) => {
    // Who may come in and which route it is are the owner's to say; of the rest this much is needed.
    const rest = { kind: 'path', basicAuth: undefined, route: undefined } as const
    return { path, isWhole, value: { ...rest, account: label, ring, signature } }
  })
  return {
    number,
    paths: new Paths(entries),
    verifiers: new Map(rings.map(([name, ring]) => [name, createVerifier(ring, ring)])),
    publicBase,
    providers,
    addresses: createAddressPolicy(allowTargets),
  }
}

/** What is in force before the owner has said anything: nothing comes in, nothing goes out. */
export const noPolicy = takenPolicy(0, {
  rings: [],
  paths: [],
  publicBase: '',
  providers: [],
  allowTargets: [],
})
