import { type DialectRow, dialects } from '../../verify/dialects.ts'
import type { FieldPath } from '../problem.ts'
import type { AccountConfig, Config } from '../schema.ts'
import type { Check } from './check.ts'
import { areAccountsKnown } from './known-ids.ts'

type Dialects = AccountConfig['dialects']

/** Somewhere that dialects can be declared. */
interface Place {
  readonly path: FieldPath
  readonly entry: { readonly dialects?: Dialects; readonly signing_secret?: unknown }
  readonly account: AccountConfig | undefined
  readonly accountPath: FieldPath
}

const settingOf = {
  webhookSecrets: 'webhook_secret',
  authTokens: 'auth_token',
  parentAuthTokens: 'parent_auth_token',
  signingSecrets: 'signing_secret',
} as const

/** Can every declared dialect be checked, and told from the others by nothing but the declaration? */
export function checkDialects(check: Check): void {
  for (const place of placesOf(check.config)) {
    checkKeys(place, check)
    checkHeaders(place, check)
    checkSecret(place, check)
  }
}

function placesOf(config: Config): readonly Place[] {
  const accounts = config.accounts.flatMap((account, index): readonly Place[] => {
    const accountPath = ['accounts', index]
    const inside = (['applications', 'trunks'] as const).flatMap((part) =>
      account[part].map((entry, at) => ({ path: [...accountPath, part, at], entry, account, accountPath })),
    )
    return [{ path: accountPath, entry: account, account, accountPath }, ...inside]
  })
  const routes = config.routes.map((entry, index): Place => {
    const at = config.accounts.findIndex(({ id }) => id === entry.account)
    return { path: ['routes', index], entry, account: config.accounts[at], accountPath: ['accounts', at] }
  })
  return [...accounts, ...routes]
}

function checkKeys(place: Place, check: Check): void {
  for (const [index, name] of (place.entry.dialects ?? []).entries()) {
    const row = dialects[name]
    if (hasKey(row, place, check)) continue
    const setting = settingOf[row.keys]
    const where = setting === 'signing_secret' ? 'beside it' : 'of the account'
    check.problem([...place.path, 'dialects', index], `${name} needs ${setting} ${where}`)
  }
}

function hasKey(row: DialectRow, place: Place, check: Check): boolean {
  const { isBroken } = check
  const isAccountRead = areAccountsKnown(check) && !isBroken([...place.path, 'account'])
  if (place.account === undefined && !isAccountRead) return true
  return [row.keys, row.keysOtherwise ?? row.keys].some((keys) => {
    const setting = settingOf[keys]
    if (setting === 'signing_secret') {
      return place.entry.signing_secret !== undefined || isBroken([...place.path, setting])
    }
    return place.account?.[setting] !== undefined || isBroken([...place.accountPath, setting])
  })
}

/** Several dialects read one header: which of them a request means would have to be guessed from its form. */
function checkHeaders({ path, entry }: Place, { problem }: Check): void {
  const first = new Map<string, string>()
  for (const [index, name] of (entry.dialects ?? []).entries()) {
    const { signatureHeader } = dialects[name]
    const other = first.get(signatureHeader)
    if (other !== undefined) {
      problem(
        [...path, 'dialects', index],
        `${name} and ${other} both sign in ${signatureHeader}; give each a path of its own`,
      )
    }
    first.set(signatureHeader, name)
  }
}

function checkSecret({ path, entry }: Place, { problem, warning, isBroken }: Check): void {
  if (entry.signing_secret === undefined || isBroken([...path, 'dialects'])) return
  if (entry.dialects === undefined) {
    if (path[0] !== 'routes') return // of a trunk it can mean one thing only
    problem([...path, 'signing_secret'], 'is of no use without dialects: [trunk], [ndnc] or [whatsapp]')
  } else if (!entry.dialects.some((name) => dialects[name].keys === 'signingSecrets')) {
    warning([...path, 'signing_secret'], 'is not used: none of the dialects beside it signs with it')
  }
}
