import { DRILL_ROUTE } from '../../callback/route.ts'
import type { FieldPath } from '../problem.ts'
import type { Check } from './check.ts'
import { areAccountsKnown } from './known-ids.ts'

/** Ids of accounts, applications, trunks and routes are one name space: they are metric labels and names in alerts. */
export function checkIds(check: Check): void {
  const { config, problem, lineOf } = check
  const uses: { readonly id: string; readonly path: FieldPath }[] = []
  for (const [index, account] of config.accounts.entries()) {
    const at = ['accounts', index]
    uses.push({ id: account.id, path: [...at, 'id'] })
    uses.push({ id: `${account.id}.calls`, path: [...at, 'id'] })
    for (const key of ['applications', 'trunks'] as const) {
      for (const [place, { id }] of account[key].entries()) uses.push({ id, path: [...at, key, place, 'id'] })
    }
  }
  for (const [index, { id }] of config.routes.entries()) uses.push({ id, path: ['routes', index, 'id'] })

  const first = new Map<string, FieldPath>()
  for (const { id, path } of uses) {
    if (id === DRILL_ROUTE) problem(path, `"${id}" is the route of drills; choose another`)
    const earlier = first.get(id)
    if (earlier === undefined) {
      first.set(id, path)
    } else {
      problem(
        path,
        `"${id}" is used already on line ${lineOf(earlier)}; ids name routes in metrics and alerts, choose another`,
      )
    }
  }

  if (!areAccountsKnown(check)) return
  for (const [index, route] of config.routes.entries()) {
    if (route.account === undefined || config.accounts.some(({ id }) => id === route.account)) continue
    const known = config.accounts.map(({ id }) => id).join(', ')
    problem(
      ['routes', index, 'account'],
      `no account has the id "${route.account}"${known === '' ? '; add it under accounts' : `; there is ${known}`}`,
    )
  }
}
