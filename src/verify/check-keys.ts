import type { KeyRing } from './verifier.ts'

/** Shorter secrets can be guessed from one captured request. */
const MIN_SECRET_LENGTH = 16

export interface KeyProblem {
  /** Name of the key in the configuration. */
  readonly key: 'webhook_secret' | 'auth_token' | 'parent_auth_token' | 'signing_secret'
  /** Position in the list of that key, from 0. */
  readonly index: number
  /** What is wrong and the remedy; never holds the secret. */
  readonly problem: string
}

/** Every secret that is too weak to start with. */
export function checkKeys(keys: KeyRing): readonly KeyProblem[] {
  return [
    ...checkList('webhook_secret', keys.webhookSecrets),
    ...checkList('auth_token', keys.authTokens),
    ...checkList('parent_auth_token', keys.parentAuthTokens),
    ...checkList('signing_secret', keys.signingSecrets),
  ]
}

function checkList(key: KeyProblem['key'], secrets: readonly string[]): readonly KeyProblem[] {
  return secrets.flatMap((secret, index) => {
    const problem = problemOf(secret.trim())
    return problem === undefined ? [] : [{ key, index, problem }]
  })
}

function problemOf(secret: string): string | undefined {
  if (secret === '') return 'is empty: anybody could sign with it'
  if (secret.length >= MIN_SECRET_LENGTH) return undefined
  return `has only ${secret.length} characters; a secret needs at least ${MIN_SECRET_LENGTH}`
}
