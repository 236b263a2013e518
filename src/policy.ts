import type { Policy } from './pipeline.ts'
import type { Config } from './config/schema.ts'
import type { Registration } from './ledger/ledger.ts'
import { keyRings } from './routing/key-rings.ts'
import { publicBase } from './routing/public-urls.ts'
import { createRouteTable } from './routing/table.ts'
import { createVerifier } from './verify/create-verifier.ts'
import type { KeyRing } from './verify/verifier.ts'

/**
 * What a configuration means for callbacks: routes, keys and the URL that signatures are checked against.
 *
 * @param base that URL where the configuration does not name it
 */
export function policyOf(config: Config, registrations: Iterable<Registration>, base?: string): Policy {
  const rings = [...keyRings(config)].filter(([, ring]) => hasKeys(ring))
  return {
    table: createRouteTable(config, registrations),
    verifiers: new Map(rings.map(([account, ring]) => [account, createVerifier(ring)])),
    publicBase: base ?? publicBase(config),
  }
}

function hasKeys(ring: KeyRing): boolean {
  return ring.webhookSecrets.length + ring.authTokens.length + ring.parentAuthTokens.length > 0
}

/** What stands in for a missing `public_url`: the bound address, which only this machine can dial. */
export function localBase(address: string, isSecure: boolean): string {
  return `${isSecure ? 'https' : 'http'}://${address.replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')}`
}
