import type { Config } from '../config/schema.ts'
import { Secret } from '../config/secret.ts'
import type { KeyRing } from '../verify/verifier.ts'

/** The keys of every account, by account id. */
export function keyRings(config: Config): ReadonlyMap<string, KeyRing> {
  return new Map(
    config.accounts.map((account) => [
      account.id,
      {
        webhookSecrets: revealed(account.webhook_secret),
        authTokens: revealed(account.auth_token),
        parentAuthTokens: revealed(account.parent_auth_token),
      },
    ]),
  )
}

function revealed(secrets: Secret | readonly Secret[] | undefined): readonly string[] {
  if (secrets === undefined) return []
  return secrets instanceof Secret ? [secrets.reveal()] : secrets.map((each) => each.reveal())
}
