import type { Facts } from '../callback/event.ts'
import type { Route } from '../callback/route.ts'
import type { Config } from '../config/schema.ts'
import { AccountRoutes } from './account-routes.ts'
import { callRoute, pathRoute } from './build-route.ts'
import { type CallRoutes, RegisteredCalls } from './call-routes.ts'
import { Prefixes } from './prefixes.ts'
import type { Scope } from './scope.ts'

export type { CallRoutes } from './call-routes.ts'
export type { Scope } from './scope.ts'

/** From a callback to its route. Built once from a configuration; only per-call registrations change in it. */
export interface RouteTable {
  /**
   * Every route that the configuration names, and for each account the one that stands for all its per-call routes
   * (`scope: 'call'`, a target that is never dialled): what metrics, lists and alerts are set up for.
   */
  readonly routes: readonly Route[]
  readonly registrations: CallRoutes
  /** What a raw path stands for, before anything is verified; undefined when no route has it. */
  /** A route of `routes` by its id. */
  routeOf(id: string): Route | undefined
  scopeOf(path: string): Scope | undefined
  /** The route of a verified callback; undefined when nothing claims it. Takes only scopes of this table. */
  resolve(scope: Scope, facts: Facts): Route | undefined
}

export const CALL_PREFIX = '/c/'
export const ACCOUNT_PREFIX = '/vobiz/'

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
  readonly #accounts: ReadonlyMap<string, AccountRoutes>
  readonly #byId: ReadonlyMap<string, Route>
  /** URLs of accounts, applications and trunks are whole paths: one lookup finds them. */
  readonly #whole = new Map<string, Scope>()
  readonly #prefixes = new Prefixes<Scope>()

  constructor(config: Config, registrations: Iterable<Parameters<CallRoutes['add']>[0]>) {
    this.#calls = new RegisteredCalls(config, (id) => this.routeOf(id))
    this.registrations = this.#calls
    const accounts = config.accounts.map((each) => new AccountRoutes(each, config.defaults, this.#calls))
    this.#accounts = new Map(accounts.map((account) => [account.id, account]))
    for (const account of accounts) this.#addAccount(account)
    const paths = config.routes.map((each) =>
      pathRoute(
        each,
        config.accounts.find((account) => account.id === each.account),
        config.defaults,
      ),
    )
    for (const route of paths) this.#prefixes.add(route.prefix ?? '', scopeOfRoute(route))
    this.routes = Object.freeze([
      ...accounts.flatMap((account) => account.routes),
      ...paths,
      ...config.accounts.map((account) => callRoute(anyCall, account, config.defaults)),
    ])
    for (const registration of registrations) this.#calls.add(registration)
  }
    this.#byId = new Map(this.routes.map((route) => [route.id, route]))

  scopeOf(path: string): Scope | undefined {
    if (path.startsWith(CALL_PREFIX)) return this.#calls.scopeOf(path.slice(CALL_PREFIX.length))
  routeOf(id: string): Route | undefined {
    return this.#byId.get(id)
  }

    if (path.startsWith(ACCOUNT_PREFIX)) return this.#whole.get(path) ?? this.#strayScopeOf(path)
    return this.#prefixes.find(path)
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

  #addAccount(account: AccountRoutes): void {
    const url = ACCOUNT_PREFIX + account.id
    this.#whole.set(url, account.scope)
    for (const route of account.applications.values()) {
      this.#whole.set(`${url}/applications/${route.id}`, scopeOfRoute(route))
    }
    for (const route of account.trunks.values())
      this.#whole.set(`${url}/trunks/${route.id}`, scopeOfRoute(route))
  }

  /** The URL of an application or trunk that is no longer configured is still its account's. */
  #strayScopeOf(path: string): Scope | undefined {
    const [, id] = /^\/vobiz\/([^/]+)\/(?:applications|trunks)\/[A-Za-z0-9][A-Za-z0-9._-]*$/.exec(path) ?? []
    return id === undefined ? undefined : this.#accounts.get(id)?.scope
  }
}

/** Stands for every per-call URL in lists; `.invalid` never resolves (RFC 6761). */
const anyCall = { target: 'https://per-call.invalid/', fallbackTarget: '', method: '', events: [] } as const

function scopeOfRoute(route: Route): Scope {
  const { scope: kind, account, signature, basicAuth } = route
  return Object.freeze({ kind, account, signature, basicAuth, route })
}
