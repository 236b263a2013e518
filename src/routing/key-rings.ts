import type { AccountConfig, Config, RouteConfig } from '../config/schema.ts'
import { Secret } from '../config/secret.ts'
import type { Dialect, KeyRing } from '../verify/verifier.ts'

/** Keys and what they are good for. */
export interface Ring extends KeyRing {
  /** The declared set; undefined leaves it to the keys. */
  readonly dialects: readonly Dialect[] | undefined
}

type Secrets = Secret | readonly Secret[] | undefined

/** What an entry below an account says for itself. */
interface Entry {
  readonly id: string
  readonly dialects?: readonly Dialect[] | undefined
  readonly signing_secret?: Secrets
}

/**
 * The key rings of a configuration by name: one for each account, named by its id, and one for each application,
 * trunk and route that declares dialects or a secret of its own.
 */
export function keyRings(config: Config): ReadonlyMap<string, Ring> {
  const rings = new Map<string, Ring>()
  for (const account of config.accounts) {
    rings.set(account.id, ringOf(account, undefined))
    for (const part of ['applications', 'trunks'] as const) {
      const entries: readonly Entry[] = account[part]
      for (const entry of entries.filter(isOwn))
        rings.set(accountRing(account, part, entry), ringOf(account, entry))
    }
  }
  for (const route of config.routes) {
    const account = config.accounts.find(({ id }) => id === route.account)
    if (isOwn(route)) rings.set(routeRing(route), ringOf(account, route))
  }
  return rings
}

/** Name of the ring that verifies at the URL of an application or trunk. */
export function accountRing(account: AccountConfig, part: 'applications' | 'trunks', entry: Entry): string {
  return isOwn(entry) ? `${account.id}/${part}/${entry.id}` : account.id
}

/** Name of the ring that verifies below the path of a route; empty where there is none. */
export function routeRing(route: RouteConfig): string {
  return isOwn(route) ? `routes/${route.id}` : (route.account ?? '')
}

function isOwn({ dialects, signing_secret: secret }: Entry): boolean {
  return dialects !== undefined || secret !== undefined
}

function ringOf(account: AccountConfig | undefined, entry: Entry | undefined): Ring {
  const signingSecrets = revealed(entry?.signing_secret)
  return {
    webhookSecrets: revealed(account?.webhook_secret),
    authTokens: revealed(account?.auth_token),
    parentAuthTokens: revealed(account?.parent_auth_token),
    signingSecrets,
    // A secret of its own is a declaration: the keys of the account do not open this URL beside it.
    dialects: entry?.dialects ?? (signingSecrets.length > 0 ? ['trunk'] : account?.dialects),
  }
}

function revealed(secrets: Secrets): readonly string[] {
  if (secrets === undefined) return []
  return secrets instanceof Secret ? [secrets.reveal()] : secrets.map((each) => each.reveal())
}
