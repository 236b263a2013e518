import type { Config } from '../../config/schema.ts'
import { nearest } from '../../config/suggestion.ts'
import { RingbackError } from '../../errors.ts'
import { publicBase } from '../../routing/public-urls.ts'
import type { FlowDestination } from '../../sample/play-flow.ts'
import {
  type SampleDialect,
  type SigningEntry,
  signingKey,
  usualDialect,
} from '../../sample/signed-request.ts'
import type { Cli } from '../cli.ts'
import { reachable } from '../client.ts'
import { readConfiguration } from '../configuration.ts'
import { oneLine } from '../terminal-text.ts'

type Account = Config['accounts'][number]

/** What `ringback send` was asked for. */
export interface SendOptions {
  readonly account?: string
  readonly application?: string
  readonly trunk?: string
  readonly route?: string
  readonly to?: string
  readonly signedUrl?: string
  readonly dialect?: SampleDialect
  readonly keyEnv?: string
  readonly parentKeyEnv?: string
  readonly flow?: string
  readonly backoff?: string
  readonly set: Readonly<Record<string, string>>
  readonly call?: string
  readonly file?: string
  readonly count: string
  readonly badSignature?: boolean
  readonly stale?: boolean
}

/** @throws RingbackError `usage` that says which option or setting is missing */
export function findDestination(cli: Cli, options: SendOptions): FlowDestination {
  const { config } = readConfiguration(cli)
  const route = options.route === undefined ? undefined : named(config.routes, options.route, '--route')
  const account = accountOf(config, options.account ?? route?.account)
  const path = route?.path ?? accountPath(account, options)
  const scheme = config.tls === undefined ? 'http' : 'https'
  const dialUrl = urlOf(options.to ?? `${scheme}://${reachable(config.listen)}${path}`, '--to')
  const signed = options.signedUrl ?? options.to ?? publicBase(config) + path
  const entry: SigningEntry | undefined = route ?? account.trunks.find(({ id }) => id === options.trunk)
  const dialect = dialectOf(options, account, entry)
  return {
    account: account.id,
    dialect,
    secret:
      options.keyEnv === undefined
        ? signingKey(account, dialect, entry)
        : keyFrom(cli, '--key-env', options.keyEnv),
    parentSecret: parentSecretOf(cli, options, account),
    dialUrl,
    signedUrl: urlOf(signed, '--signed-url'),
  }
}

function dialectOf(options: SendOptions, account: Account, entry: SigningEntry | undefined): SampleDialect {
  return options.dialect ?? (isVoice(options, account) ? 'v3' : usualDialect(account, entry))
}

/** A call is played in the dialects of voice callbacks wherever there is a key for them. */
function isVoice({ flow, keyEnv }: SendOptions, account: Account): boolean {
  if (flow === undefined) return false
  const hasKey = keyEnv !== undefined || account.auth_token !== undefined
  return hasKey && account.dialects?.includes('v3') !== false
}

function parentSecretOf(cli: Cli, { parentKeyEnv }: SendOptions, account: Account): string | undefined {
  if (parentKeyEnv !== undefined) return keyFrom(cli, '--parent-key-env', parentKeyEnv)
  return account.parent_auth_token === undefined ? undefined : signingKey(account, 'ma-v3', undefined)
}

/** For those who have a key and no configuration: `--key-env NAME`. */
function keyFrom(cli: Cli, option: string, name: string): string {
  const key = cli.env[name]
  if (key !== undefined && key !== '') return key
  throw new RingbackError('usage', `${option}: the variable ${oneLine(name, 64)} is not set.`)
}

function accountOf(config: Config, id: string | undefined): Account {
  if (id !== undefined) return named(config.accounts, id, '--account')
  const [first] = config.accounts
  if (first !== undefined) return first
  throw new RingbackError('usage', 'The configuration has no account, so there is no key to sign with.')
}

function accountPath(account: Account, { application, trunk }: SendOptions): string {
  const base = `/vobiz/${account.id}`
  if (application !== undefined)
    return `${base}/applications/${named(account.applications, application, '--application').id}`
  return trunk === undefined ? base : `${base}/trunks/${named(account.trunks, trunk, '--trunk').id}`
}

function named<Item extends { readonly id: string }>(
  items: readonly Item[],
  id: string,
  option: string,
): Item {
  const found = items.find((item) => item.id === id)
  if (found !== undefined) return found
  const ids = items.map((item) => item.id)
  const near = nearest(id, ids)
  const hint = near === undefined ? `Known: ${ids.join(', ') || 'none'}.` : `Did you mean ${near}?`
  throw new RingbackError('usage', `${option}: the configuration has no ${oneLine(id, 64)}. ${hint}`)
}

function urlOf(text: string, option: string): URL {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol)) return url
  throw new RingbackError('usage', `${option}: ${oneLine(text, 200)} is not an http or https URL.`)
}
