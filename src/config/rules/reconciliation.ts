import { eventRow } from '../../callback/event.ts'
import type { FieldPath } from '../problem.ts'
import { isAllowed, isPrivateHost, rangeToAllow } from './address-ranges.ts'
import type { Check } from './check.ts'
import { areAccountsKnown } from './known-ids.ts'

/** Can call records be read, and does the ledger hold what they are compared with? */
export function checkReconciliation(check: Check): void {
  const { config, problem, warning, isBroken } = check
  const { reconciliation } = config
  if (reconciliation === undefined) return
  checkApiBase(reconciliation.api_base, ['reconciliation', 'api_base'], check)
  const keyed = config.accounts.filter(
    ({ auth_token }, index) => auth_token !== undefined || isBroken(['accounts', index, 'auth_token']),
  )
  if (reconciliation.accounts.length === 0 && keyed.length === 0) {
    problem(['reconciliation'], 'needs an account with auth_token: it is the key to the API')
  }
  for (const [index, id] of reconciliation.accounts.entries()) {
    const path = ['reconciliation', 'accounts', index]
    if (!config.accounts.some((each) => each.id === id)) {
      if (areAccountsKnown(check)) problem(path, 'is no account of this configuration')
    } else if (!keyed.some((each) => each.id === id)) {
      problem(path, 'has no auth_token, which is the key to the API; set it at the account')
    }
  }
  for (const [event, share] of Object.entries(config.ledger.sample)) {
    const topic = eventRow(event)?.topic
    if (share < 1 && (topic === 'call.completed' || topic === 'call.failed')) {
      warning(
        ['ledger', 'sample', event],
        'leaves out ends of calls, which reconciliation will report as missing; keep all of them',
      )
    }
  }
}

/** Is it a URL that API credentials may be sent to? */
export function checkApiBase(text: string, path: FieldPath, { config, problem }: Check): void {
  const api = URL.parse(text)
  if (api === null) return
  if (api.search !== '' || api.hash !== '' || api.username !== '' || api.password !== '') {
    problem(path, 'must hold no user, password, query or fragment')
  }
  const isPrivate = isPrivateHost(api.hostname)
  if (api.protocol === 'http:' && !isPrivate) {
    problem(path, 'must be https: requests to the API carry credentials')
  }
  if (isPrivate && !isAllowed(api.hostname, config.allow_targets)) {
    problem(
      path,
      `points at a private address; to allow it write allow_targets: [${rangeToAllow(api.hostname)}]`,
    )
  }
}
