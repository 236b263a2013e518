import type { Policy } from '../pipeline.ts'
import type { Config } from '../config/schema.ts'
import type { Registration } from '../ledger/ledger.ts'
import { keyRings, type Ring } from '../routing/key-rings.ts'
import { publicBase } from '../routing/public-urls.ts'
import { createRouteTable } from '../routing/table.ts'
import { createVerifier } from '../verify/create-verifier.ts'
import { createResigner, randomNonce, type Resigner } from '../verify/signing/resign.ts'
import type { KeyRing, Verifier } from '../verify/verifier.ts'

/** What a configuration means for callbacks: routes, keys and the URL that signatures are checked against. */
export function policyOf(config: Config, registrations: Iterable<Registration>): Policy {
  const rings = keyRings(config)
  return {
    table: createRouteTable(config, registrations),
    verifiers: verifiersOf(rings),
    resigners: resignersOf(rings),
    publicBase: publicBase(config),
  }
}

/** @param base the URL that signatures are checked against where the configuration names none; a reload may bring the name or take it away */
export function withBase(policy: Policy, config: Config, base: string): Policy {
  return config.public_url === undefined ? { ...policy, publicBase: base } : policy
}

function verifiersOf(rings: ReadonlyMap<string, Ring>): ReadonlyMap<string, Verifier> {
  return new Map(
    [...rings].filter(([, ring]) => hasKeys(ring)).map(([name, ring]) => [name, createVerifier(ring, ring)]),
  )
}

function resignersOf(rings: ReadonlyMap<string, Ring>): ReadonlyMap<string, Resigner> {
  return new Map(
    [...rings].flatMap(([name, ring]) => {
      const resigner = createResigner(ring, randomNonce)
      return resigner === undefined ? [] : [[name, resigner]]
    }),
  )
}

function hasKeys(ring: KeyRing): boolean {
  const { webhookSecrets, authTokens, parentAuthTokens, signingSecrets } = ring
  return [webhookSecrets, authTokens, parentAuthTokens, signingSecrets].some((keys) => keys.length > 0)
}

/** What stands in for a missing `public_url`: the bound address, which only this machine can dial. */
export function localBase(address: string, isSecure: boolean): string {
  return `${isSecure ? 'https' : 'http'}://${address.replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')}`
}
