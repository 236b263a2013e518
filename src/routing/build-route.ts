import type { Role, Route, Target } from '../callback/route.ts'
import type { AccountConfig, Config, RouteConfig } from '../config/schema.ts'
import { basicCredentials, eventFilter, headerList, policyOf } from './policy.ts'
import { parseTarget } from './target.ts'

type ApplicationConfig = AccountConfig['applications'][number]
type TrunkConfig = AccountConfig['trunks'][number]
type Defaults = Config['defaults']

/** What a route has unless its entry says otherwise. */
const plain = {
  prefix: undefined,
  events: undefined,
  kind: 'auto',
  method: undefined,
  headers: [],
} as const

/** The route of what nothing more specific claims; undefined when the account has no default handler. */
export function accountRoute(account: AccountConfig, defaults: Defaults): Route | undefined {
  if (account.default_callback_url === undefined) return undefined
  return freeze({
    ...plain,
    ...policyOf(defaults, account),
    id: account.id,
    scope: 'account',
    account: account.id,
    targets: targetsOf(account.default_callback_url, account.default_fallback_callback_url),
    method: account.default_callback_method,
    basicAuth: basicCredentials(account.basic_auth),
  })
}

export function applicationRoute(
  application: ApplicationConfig,
  account: AccountConfig,
  defaults: Defaults,
): Route {
  return freeze({
    ...plain,
    ...policyOf(defaults, application, account),
    id: application.id,
    scope: 'application',
    account: account.id,
    targets: targetsOf(application.callback_url, application.fallback_callback_url),
    events: eventFilter(application.callback_events),
    method: application.callback_method,
    headers: headerList(application.callback_headers),
    basicAuth: basicCredentials(account.basic_auth),
  })
}

export function trunkRoute(trunk: TrunkConfig, account: AccountConfig, defaults: Defaults): Route {
  return freeze({
    ...plain,
    ...policyOf(defaults, trunk, account),
    id: trunk.id,
    scope: 'trunk',
    account: account.id,
    targets: targetsOf(trunk.status_callback, trunk.fallback_status_callback),
    events: eventFilter(trunk.status_callback_events),
    method: trunk.status_callback_method,
    basicAuth: basicCredentials(account.basic_auth),
  })
}

/** @param account the account that the route names, if it names one */
export function pathRoute(route: RouteConfig, account: AccountConfig | undefined, defaults: Defaults): Route {
  return freeze({
    ...plain,
    ...policyOf(defaults, route, ...(account === undefined ? [] : [account])),
    // Without keys nothing can be checked: the rules of the file have seen that another lock is set.
    ...(account === undefined && route.signing_secret === undefined && { signature: 'off' as const }),
    id: route.id,
    scope: 'path',
    account: account?.id,
    targets: targetsOf(route.target, route.fallback_target),
    prefix: route.path,
    events: eventFilter(route.events),
    kind: route.kind,
    method: route.method,
    headers: headerList(route.headers),
    basicAuth: basicCredentials(route.basic_auth),
  })
}

/** All per-call routes of an account share this id, because labels come from the configuration only. */
export function callRouteId(accountId: string): string {
  return `${accountId}.calls`
}

/** What a per-call callback URL was registered with. */
export interface CallRouteParts {
  readonly target: string
  readonly fallbackTarget: string
  readonly method: string
  readonly events: readonly string[]
}

/** @throws RangeError when a target cannot be dialled */
export function callRoute(parts: CallRouteParts, account: AccountConfig, defaults: Defaults): Route {
  return freeze({
    ...plain,
    ...policyOf(defaults, account),
    id: callRouteId(account.id),
    scope: 'call',
    account: account.id,
    targets: targetsOf(parts.target, parts.fallbackTarget === '' ? undefined : parts.fallbackTarget),
    events: eventFilter(parts.events),
    method: parts.method === 'GET' || parts.method === 'POST' ? parts.method : undefined,
    basicAuth: basicCredentials(account.basic_auth),
  })
}

/**
 * The route of a URL that was captured on its way: the policy of the route it was found on, but the provider's own
 * method, every event, and the kind by event. Credentials and headers go only to the origin they were written for.
 *
 * @throws RangeError when a target cannot be dialled
 */
export function capturedRoute(base: Route, parts: CallRouteParts): Route {
  const found = targetsOf(parts.target, parts.fallbackTarget === '' ? undefined : parts.fallbackTarget)
  const [primary, ...others] = found.map((each) => ({
    ...each,
    authorization: each.authorization ?? twinOf(each, base)?.authorization,
  }))
  const isHome = found.every((each) => twinOf(each, base) !== undefined)
  return freeze({
    ...base,
    scope: 'call',
    targets: [Object.freeze(primary ?? found[0]), ...others.map((each) => Object.freeze(each))],
    prefix: undefined,
    events: eventFilter(parts.events),
    kind: 'auto',
    method: parts.method === 'GET' || parts.method === 'POST' ? parts.method : undefined,
    headers: isHome ? base.headers : [],
  })
}

function twinOf({ origin }: Target, base: Route): Target | undefined {
  return base.targets.find((each) => each.origin === origin)
}

function targetsOf(primary: string, fallback: string | undefined): readonly [Target, ...Target[]] {
  return fallback === undefined
    ? [target(primary, 'primary')]
    : [target(primary, 'primary'), target(fallback, 'fallback')]
}

function target(url: string, role: Role): Target {
  return Object.freeze(parseTarget(url, role))
}

/** All routes have their keys in one order, and in the object itself: spread together they would lie beside it, in many orders. */
function freeze(route: Route): Route {
  return Object.freeze({
    id: route.id,
    scope: route.scope,
    account: route.account,
    targets: Object.freeze(route.targets),
    prefix: route.prefix,
    events: route.events,
    kind: route.kind,
    signature: route.signature,
    resign: route.resign,
    preserveHost: route.preserveHost,
    responseContract: route.responseContract,
    method: route.method,
    headers: route.headers,
    deadlineMs: route.deadlineMs,
    marginMs: route.marginMs,
    onFailure: route.onFailure,
    reply: route.reply,
    staticReply: route.staticReply,
    rewriteXml: route.rewriteXml ?? false,
    basicAuth: route.basicAuth,
  })
}
