import type { AccountConfig, Config } from '../../config/schema.ts'
import { Secret } from '../../config/secret.ts'
import type { Scope } from '../../routing/table.ts'
import type { CandidateKey } from '../../verify/doctor/suspect.ts'

/** A key of the configuration, and the key ring that it belongs to by its own right. */
export interface PlacedKey extends Omit<CandidateKey, 'isOwn'> {
  /** Account id, `ACCOUNT/trunks/ID` or `routes/ID`, as key-rings.ts names rings. */
  readonly ring: string
}

const accountKeys = [
  ['webhook_secret', 'webhookSecrets'],
  ['auth_token', 'authTokens'],
  ['parent_auth_token', 'parentAuthTokens'],
] as const

/** Every key of a configuration with its setting. */
function placedKeys(config: Config): readonly PlacedKey[] {
  return [
    ...config.accounts.flatMap(keysOfAccount),
    ...config.routes.flatMap((route) =>
      placed(route.signing_secret, {
        kind: 'signingSecrets',
        setting: `routes.${route.id}.signing_secret`,
        ring: `routes/${route.id}`,
      }),
    ),
  ]
}

function keysOfAccount(account: AccountConfig): readonly PlacedKey[] {
  return [
    ...accountKeys.flatMap(([setting, kind]) =>
      placed(account[setting], { kind, setting: `accounts.${account.id}.${setting}`, ring: account.id }),
    ),
    ...account.trunks.flatMap((trunk) =>
      placed(trunk.signing_secret, {
        kind: 'signingSecrets',
        setting: `accounts.${account.id}.trunks.${trunk.id}.signing_secret`,
        ring: `${account.id}/trunks/${trunk.id}`,
      }),
    ),
  ]
}

function placed(
  secrets: Secret | readonly Secret[] | undefined,
  place: Pick<PlacedKey, 'kind' | 'setting' | 'ring'>,
): readonly PlacedKey[] {
  const list = secrets === undefined ? [] : secrets instanceof Secret ? [secrets] : secrets
  const { kind, setting, ring } = place
  return list.map((secret) => ({ kind, setting, ring, secret: secret.reveal(), retiredAt: undefined }))
}

const MOST_RETIRED = 32

/** Keys that a reload took out, for as long as the process lives: the provider may still sign with them. In memory only. */
export class RetiredKeys {
  readonly #keys: PlacedKey[] = []

  /** Remembers what `before` had and `after` has not. */
  replaced(before: Config, after: Config, nowMs: number): void {
    const kept = new Set(placedKeys(after).map(({ secret }) => secret))
    for (const key of placedKeys(before)) {
      if (!kept.has(key.secret)) this.#keys.unshift({ ...key, retiredAt: nowMs })
    }
    this.#keys.splice(MOST_RETIRED)
  }

  /** What a diagnosis tries for a request that came in at a scope: its own keys first, then retired ones, then others. */
  candidates(config: Config, scope: Pick<Scope, 'account' | 'ring'>): readonly CandidateKey[] {
    const found = [...placedKeys(config), ...this.#keys].map(({ secret, kind, setting, ring, retiredAt }) => {
      const isOwn = ring === scope.ring || ring === scope.account
      return { secret, kind, setting, isOwn, retiredAt }
    })
    return found.toSorted((one, other) => rank(one) - rank(other))
  }
}

function rank({ isOwn, retiredAt }: CandidateKey): number {
  return (isOwn ? 0 : 2) + (retiredAt === undefined ? 0 : 1)
}
