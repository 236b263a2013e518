import type { Facts } from '../callback/event.ts'
import type { Route } from '../callback/route.ts'
import type { AccountConfig, Config } from '../config/schema.ts'
import { AccountRoutes } from './account-routes.ts'
import { callRoute, pathRoute } from './build-route.ts'
import { type CallRoutes, RegisteredCalls } from './call-routes.ts'
import { explainAccount, explainStranger, explainToken, type RouteStep } from './explain.ts'
import { explainPath } from './explain-path.ts'
import { accountRing, routeRing } from './key-rings.ts'
import { ACCOUNT_PREFIX, CALL_PREFIX, type PathEntry, Paths } from './paths.ts'
import type { Scope } from './scope.ts'

export type { CallRoutes } from './call-routes.ts'
export { ACCOUNT_PREFIX, CALL_PREFIX } from './paths.ts'
export type { Scope } from './scope.ts'

/** From a callback to its route. Built once from a configuration; only per-call registrations change in it. */
export interface RouteTable {
  /**
   * Every route that the configuration names, and for each account the one that stands for all its per-call routes
   * (`scope: 'call'`, a target that is never dialled): what metrics, lists and alerts are set up for.
   */
  readonly routes: readonly Route[]
  readonly registrations: CallRoutes
  /** Every path but those of per-call URLs. */
  readonly paths: readonly PathEntry<Scope>[]
  /** A route of `routes` by its id. */
  routeOf(id: string): Route | undefined
  /** What a raw path stands for, before anything is verified; undefined when no route has it. */
  scopeOf(path: string): Scope | undefined
  /** The route of a verified callback; undefined when nothing claims it. Takes only scopes of this table. */
  resolve(scope: Scope, facts: Facts): Route | undefined
  /** Why `scopeOf` and `resolve` say what they say: where the callback could have gone, most specific first. */
  explain(path: string, facts: Facts): readonly RouteStep[]
}

/** @param registrations per-call URLs that are known already, from the ledger or from the table before */
export function createRouteTable(
  config: Config,
  registrations: Iterable<Parameters<CallRoutes['add']>[0]> = [],
): RouteTable {
  return new Table(config, registrations)
}

class Table implements RouteTable {
  readonly routes: readonly Route[]
  readonly registrations: CallRoutes
  readonly #calls: RegisteredCalls
  readonly #byId: ReadonlyMap<string, Route>
  readonly #accounts: ReadonlyMap<string, AccountRoutes>
  readonly #paths: Paths<Scope>
  readonly #pathRoutes: readonly Route[]

  constructor(config: Config, registrations: Iterable<Parameters<CallRoutes['add']>[0]>) {
    this.#calls = new RegisteredCalls(config, (id) => this.routeOf(id))
    this.registrations = this.#calls
    const accounts = config.accounts.map((each) => new AccountRoutes(each, config.defaults, this.#calls))
    this.#accounts = new Map(accounts.map((account) => [account.id, account]))
    const entries = config.accounts.flatMap((each) => accountPaths(each, this.#accounts.get(each.id)))
    this.#pathRoutes = config.routes.map((each) => {
      const account = config.accounts.find(({ id }) => id === each.account)
      const route = pathRoute(each, account, config.defaults)
      entries.push({ path: each.path, isWhole: false, value: scopeOfRoute(route, routeRing(each)) })
      return route
    })
    this.#paths = new Paths(entries)
    this.routes = Object.freeze([
      ...accounts.flatMap((account) => account.routes),
      ...this.#pathRoutes,
      ...config.accounts.map((account) => callRoute(anyCall, account, config.defaults)),
    ])
    this.#byId = new Map(this.routes.map((route) => [route.id, route]))
    for (const registration of registrations) this.#calls.add(registration)
  }

  get paths(): readonly PathEntry<Scope>[] {
    return this.#paths.entries
  }

  routeOf(id: string): Route | undefined {
    return this.#byId.get(id)
  }

  scopeOf(path: string): Scope | undefined {
    if (path.startsWith(CALL_PREFIX)) return this.#calls.scopeOf(path.slice(CALL_PREFIX.length))
    return this.#paths.find(path)
  }

  resolve(scope: Scope, facts: Facts): Route | undefined {
    const account = scope.account === undefined ? undefined : this.#accounts.get(scope.account)
    switch (scope.kind) {
      case 'call':
      case 'path':
        return scope.route
      case 'account':
        return account?.claim(facts)
      case 'application':
      case 'trunk':
        return scope.route === undefined ? undefined : account?.claimWithin(scope.route, facts)
    }
  }

  explain(path: string, facts: Facts): readonly RouteStep[] {
    const scope = this.scopeOf(path)
    if (path.startsWith(CALL_PREFIX)) return [explainToken(scope?.route)]
    if (!path.startsWith(ACCOUNT_PREFIX)) return explainPath(this.#pathRoutes, path, scope?.route)
    const account = scope?.account === undefined ? undefined : this.#accounts.get(scope.account)
    if (scope === undefined || account === undefined) return [explainStranger(path, this.#accounts)]
    return explainAccount(account, scope, facts)
  }
}

/** The URLs of an account, its applications and its trunks. */
function accountPaths(config: AccountConfig, account: AccountRoutes | undefined): PathEntry<Scope>[] {
  if (account === undefined) return []
  const url = ACCOUNT_PREFIX + account.id
  const entries: PathEntry<Scope>[] = [{ path: url, isWhole: true, value: account.scope }]
  for (const part of ['applications', 'trunks'] as const) {
    for (const each of config[part]) {
      const route = account[part].get(each.id)
      if (route === undefined) continue
      const value = scopeOfRoute(route, accountRing(config, part, each))
      entries.push({ path: `${url}/${part}/${each.id}`, isWhole: true, value })
    }
  }
  return entries
}

/** Stands for every per-call URL in lists; `.invalid` never resolves (RFC 6761). */
const anyCall = { target: 'https://per-call.invalid/', fallbackTarget: '', method: '', events: [] } as const

function scopeOfRoute(route: Route, ring: string): Scope {
  const { scope: kind, account, signature, basicAuth } = route
  return Object.freeze({ kind, account, ring, signature, basicAuth, route })
}
