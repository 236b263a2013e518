import type { RouteScope } from '../callback/route.ts'
import type { Config } from '../config/schema.ts'
import { ACCOUNT_PREFIX } from './table.ts'

/** One URL to paste into Vobiz, and where it belongs there. */
export interface PublicUrl {
  readonly url: string
  readonly scope: RouteScope
  /** Id of the account, application, trunk or route. */
  readonly id: string
  readonly account: string | undefined
  /** What it is for, in words. */
  readonly note: string
}

/** Every public URL of a configuration, accounts first. Without a `public_url` they begin with http://HOST:PORT of `listen`. */
export function publicUrls(config: Config): readonly PublicUrl[] {
  const base = publicBase(config)
  return [
    ...config.accounts.flatMap((account) => accountUrls(base, account)),
    ...config.routes.map((route) => ({
      url: base + route.path,
      scope: 'path' as const,
      id: route.id,
      account: route.account,
      note: `anything below it goes to route ${route.id}`,
    })),
  ]
}

/** `public_url` without a trailing slash: what URL signatures are checked against. */
export function publicBase(config: Config): string {
  if (config.public_url !== undefined) return config.public_url.replace(/\/+$/, '')
  const scheme = config.tls === undefined ? 'http' : 'https'
  return `${scheme}://${config.listen.replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')}`
}

function accountUrls(base: string, account: Config['accounts'][number]): readonly PublicUrl[] {
  const url = base + ACCOUNT_PREFIX + account.id
  return [
    {
      url,
      scope: 'account',
      id: account.id,
      account: account.id,
      note: 'default callback URL of the account; the payload decides where each callback goes',
    },
    ...account.applications.map((application) => ({
      url: `${url}/applications/${application.id}`,
      scope: 'application' as const,
      id: application.id,
      account: account.id,
      note: `callback URL of the application${application.name === undefined ? '' : ` “${application.name}”`}`,
    })),
    ...account.trunks.map((trunk) => ({
      url: `${url}/trunks/${trunk.id}`,
      scope: 'trunk' as const,
      id: trunk.id,
      account: account.id,
      note: 'status callback of the trunk',
    })),
  ]
}
