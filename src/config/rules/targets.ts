import { parseTarget } from '../../routing/target.ts'
import type { FieldPath } from '../problem.ts'
import type { Config } from '../schema.ts'
import { isAllowed, isLoopbackHost, isPrivateHost, rangeToAllow } from './address-ranges.ts'
import { hostOf, isAnyHost, portOf } from './ports.ts'
import type { Check } from './check.ts'

interface TargetUse {
  readonly path: FieldPath
  readonly url: string
}

/** Can every handler URL be dialled, safely and without going round in circles? */
export function checkTargets(check: Check): void {
  for (const use of targetsOf(check.config)) checkTarget(use, check)
}

function targetsOf(config: Config): readonly TargetUse[] {
  const uses: { readonly path: FieldPath; readonly url: string | undefined }[] = []
  for (const [index, account] of config.accounts.entries()) {
    const at = ['accounts', index]
    uses.push({ path: [...at, 'default_callback_url'], url: account.default_callback_url })
    uses.push({ path: [...at, 'default_fallback_callback_url'], url: account.default_fallback_callback_url })
    for (const [place, application] of account.applications.entries()) {
      const inside = [...at, 'applications', place]
      uses.push({ path: [...inside, 'callback_url'], url: application.callback_url })
      uses.push({ path: [...inside, 'fallback_callback_url'], url: application.fallback_callback_url })
    }
    for (const [place, trunk] of account.trunks.entries()) {
      const inside = [...at, 'trunks', place]
      uses.push({ path: [...inside, 'status_callback'], url: trunk.status_callback })
      uses.push({ path: [...inside, 'fallback_status_callback'], url: trunk.fallback_status_callback })
    }
  }
  for (const [index, route] of config.routes.entries()) {
    uses.push({ path: ['routes', index, 'target'], url: route.target })
    uses.push({ path: ['routes', index, 'fallback_target'], url: route.fallback_target })
  }
  return uses.flatMap(({ path, url }) => (url === undefined ? [] : { path, url }))
}

function checkTarget({ path, url }: TargetUse, { config, problem, warning }: Check): void {
  const parsed = URL.parse(url)
  if (parsed === null) return
  try {
    parseTarget(url, 'primary')
  } catch (error) {
    problem(path, error instanceof RangeError ? error.message : 'cannot be dialled')
    return
  }
  if (isOwnPort(parsed, config) || isOwnPath(parsed, config)) {
    problem(
      path,
      'points at Ringback itself, so callbacks would go round in circles; write the URL of the handler',
    )
    return
  }
  const isPrivate = isPrivateHost(parsed.hostname)
  if (isPrivate && !isAllowed(parsed.hostname, config.allow_targets)) {
    warning(
      path,
      `${parsed.hostname} is a private address and will not be dialled; to allow it write allow_targets: [${rangeToAllow(parsed.hostname)}]`,
    )
  }
  if (parsed.protocol === 'http:' && !isPrivate && isPublicName(parsed.hostname)) {
    warning(path, 'is http: callbacks would cross the network in clear text; use https')
  }
}

function isOwnPort(url: URL, config: Config): boolean {
  const host = hostOf(config.listen)
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port)
  const isHere =
    url.hostname === host ||
    isAnyHost(url.hostname) ||
    (isLoopbackHost(url.hostname) && (isAnyHost(host) || isLoopbackHost(host)))
  return isHere && port === portOf(config.listen)
}

/** Behind one host name a proxy may well send some paths to Ringback and others to the handler. */
function isOwnPath(url: URL, config: Config): boolean {
  const own = URL.parse(config.public_url ?? '')
  if (own === null || own.origin !== url.origin) return false
  return (
    /^\/(vobiz|c)\//.test(url.pathname) ||
    config.routes.some((route) => `${url.pathname}/`.startsWith(`${route.path}/`.replace('//', '/')))
  )
}

/** Names with a dot that end as private networks name their hosts are taken for private. */
function isPublicName(hostname: string): boolean {
  return (
    hostname.includes('.') &&
    !/\.(internal|local|lan|home|intranet|svc|arpa|test|invalid|localhost)$/.test(hostname)
  )
}
