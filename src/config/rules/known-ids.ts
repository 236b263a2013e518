import type { FieldPath } from '../problem.ts'
import type { Check } from './check.ts'

/** Could every account's id be read? If not, one that is not found may well be there. */
export function areAccountsKnown({ config, isBroken }: Check): boolean {
  return !hasBrokenId(['accounts'], config.accounts, isBroken)
}

/** The same of everything that is a route: accounts, applications, trunks and routes. */
export function areRoutesKnown(check: Check): boolean {
  const { config, isBroken } = check
  return (
    areAccountsKnown(check) &&
    !hasBrokenId(['routes'], config.routes, isBroken) &&
    !config.accounts.some((account, index) =>
      (['applications', 'trunks'] as const).some((key) =>
        hasBrokenId(['accounts', index, key], account[key], isBroken),
      ),
    )
  )
}

/** A list that is wrong as a whole has no entries here, but its first one is broken then. */
function hasBrokenId(path: FieldPath, list: readonly unknown[], isBroken: Check['isBroken']): boolean {
  return [0, ...list.keys()].some((index) => isBroken([...path, index, 'id']))
}
