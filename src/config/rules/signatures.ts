import type { FieldPath } from '../problem.ts'
import type { AccountConfig, RouteConfig } from '../schema.ts'
import type { Check } from './check.ts'

/** No one gets in: whatever enforces signatures has a key to check them with, and what does not says so itself. */
export function checkSignatures(check: Check): void {
  for (const [index, account] of check.config.accounts.entries())
    checkAccount(account, ['accounts', index], check)
  for (const [index, route] of check.config.routes.entries()) {
    // With a secret of its own a route needs no account; rules/dialects.ts sees to the rest.
    if (route.signing_secret === undefined) checkRoute(route, ['routes', index], check)
    else if (route.signature === 'off' && route.basic_auth === undefined) {
      check.warning(['routes', index, 'signature'], open)
    }
  }
}

function checkAccount(account: AccountConfig, at: FieldPath, check: Check): void {
  const { problem, warning } = check
  const parts = (['applications', 'trunks'] as const).flatMap((key) =>
    account[key].map((part, index) => ({
      path: [...at, key, index, 'signature'],
      signature: part.signature,
      hasOwnKey: 'signing_secret' in part && part.signing_secret !== undefined,
    })),
  )
  if (!hasKey(account, at, check)) {
    if (account.signature !== 'off') problem([...at, 'signature'], noKey(account.signature))
    for (const { path, signature } of parts.filter(({ hasOwnKey }) => !hasOwnKey)) {
      if (signature !== undefined && signature !== 'off') problem(path, noKey(signature))
    }
  }
  if (account.signature === 'off' && account.basic_auth === undefined) warning([...at, 'signature'], open)
  for (const { path, signature } of parts) {
    if (signature === 'enforce' && account.signature !== 'enforce') {
      warning(
        path,
        `is stricter than its account, so the URL /vobiz/${account.id} enforces signatures too: its payload could name this entry`,
      )
    }
    if (signature === 'off' && account.signature !== 'off' && account.basic_auth === undefined)
      warning(path, open)
  }
}

function checkRoute(route: RouteConfig, at: FieldPath, check: Check): void {
  const { config, problem, warning } = check
  if (route.account === undefined) return checkLock(route, at, check)
  const index = config.accounts.findIndex((each) => each.id === route.account)
  const account = config.accounts[index]
  if (account === undefined) return
  const path = [...at, 'signature']
  const signature = route.signature ?? account.signature
  if (signature !== 'off' && !hasKey(account, ['accounts', index], check) && route.signature !== undefined) {
    problem(path, noKey(signature))
  }
  if (route.signature === 'off' && route.basic_auth === undefined) warning(path, open)
}

/** What a route without an account is shut by. */
function checkLock(route: RouteConfig, at: FieldPath, { problem, warning, isBroken }: Check): void {
  if (isBroken([...at, 'account'])) return
  const path = [...at, 'signature']
  if (route.signature !== undefined && route.signature !== 'off') {
    problem(path, `${route.signature} needs keys; name the account that has them: account: ID`)
  } else if (route.signature === undefined && route.basic_auth === undefined) {
    if (isBroken(path) || isBroken([...at, 'basic_auth'])) return
    problem(at, 'has no lock: name an account, or set basic_auth, or write signature: off')
  } else if (route.basic_auth === undefined) {
    warning(path, open)
  }
}

const open = 'is off: whoever knows the URL can send callbacks to the handler'

function noKey(signature: string): string {
  return `${signature} needs a key: set webhook_secret or auth_token of the account, or write signature: off`
}

function hasKey(account: AccountConfig, at: FieldPath, { isBroken }: Check): boolean {
  return (['webhook_secret', 'auth_token', 'parent_auth_token'] as const).some(
    (key) => account[key] !== undefined || isBroken([...at, key]),
  )
}
