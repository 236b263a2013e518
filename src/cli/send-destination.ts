import type { DialectName } from '../admin/api.ts'
import type { Config } from '../config/schema.ts'
import { nearest } from '../config/suggestion.ts'
import { RingbackError } from '../errors.ts'
import { publicBase } from '../routing/public-urls.ts'
import { signingKey, usualDialect } from '../sample/signed-request.ts'
import type { Cli } from './cli.ts'
import { reachable } from './client.ts'
import { readConfiguration } from './configuration.ts'
import { oneLine } from './terminal-text.ts'

type Account = Config['accounts'][number]

/** What `ringback send` was asked for. */
export interface SendOptions {
  readonly account?: string
  readonly application?: string
  readonly trunk?: string
  readonly route?: string
  readonly to?: string
  readonly signedUrl?: string
  readonly dialect?: DialectName
  readonly set: Readonly<Record<string, string>>
  readonly call?: string
  readonly file?: string
  readonly count: string
  readonly badSignature?: boolean
  readonly stale?: boolean
}

/** Where a test callback goes and how it is signed. */
export interface Destination {
  readonly account: string
  readonly dialect: DialectName
  readonly secret: string
  /** What is dialled: the daemon on this machine unless told otherwise. */
  readonly dialUrl: URL
  /** What the provider would dial, and therefore what is signed. */
  readonly signedUrl: URL
}

/** @throws RingbackError `usage` that says which option or setting is missing */
export function findDestination(cli: Cli, options: SendOptions): Destination {
  const { config } = readConfiguration(cli)
  const route = options.route === undefined ? undefined : named(config.routes, options.route, '--route')
  const account = accountOf(config, options.account ?? route?.account)
  const path = route?.path ?? accountPath(account, options)
  const scheme = config.tls === undefined ? 'http' : 'https'
  const dialUrl = urlOf(options.to ?? `${scheme}://${reachable(config.listen)}${path}`, '--to')
  const signed = options.signedUrl ?? options.to ?? publicBase(config) + path
  const dialect = options.dialect ?? usualDialect(account)
  return {
    account: account.id,
    dialect,
    secret: signingKey(account, dialect),
    dialUrl,
    signedUrl: urlOf(signed, '--signed-url'),
  }
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
