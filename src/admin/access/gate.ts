import type { Clock } from '../../clock.ts'
import type { Role, SessionView } from '../api.ts'
import type { Caller, Visitor } from '../endpoint.ts'
import { createFailureLimit } from './failure-limit.ts'
import { allowedHosts, isAllowedHost, isAllowedOrigin } from './hosts.ts'
import { Refused } from '../problem.ts'
import { createSessions, PAGE_HEADER, type Sessions, sessionIdOf } from './sessions.ts'
import { type AdminToken, bearerToken, type Callers, covers, createCallers } from './tokens.ts'

const FAILURES_A_MINUTE = 10
const LOCAL: Caller = { name: 'local', role: 'admin' }
/** What monitors ask by whatever name they know the machine. */
const monitored = new Set(['/healthz', '/readyz', '/metrics'])

/** Decides who may ask. Every refusal is thrown as Refused. */
export interface Gate {
  /** Refuses what a page of another site had a browser send: wrong Host, Origin or fetch metadata. */
  checkOrigin(visitor: Visitor): void
  /** Who asks; refuses those without a valid token, and those whose role does not cover what is needed. */
  callerFor(visitor: Visitor, needed: Role): Caller
  /** Opens a session for whoever presents a valid token. */
  signIn(visitor: Visitor, token: string): { readonly id: string; readonly lifetimeMs: number }
  signOut(visitor: Visitor): void
  /** Who asks, for a page that does not know yet whether it has to sign in. */
  session(visitor: Visitor): SessionView
  /** May this caller, who was let in, go on? Not once the token is gone or another one. */
  mayGoOn(caller: Caller): boolean
  /** Who was found to ask, also when the role did not cover it; undefined when nobody was. */
  knownCaller(visitor: Visitor): Caller | undefined
}

/** Whom the port answers, as it is configured. */
export interface AdminAccess {
  readonly tokens: readonly AdminToken[]
  /** /metrics answers without a token. */
  readonly hasPublicMetrics: boolean
  /** Host names by which people reach the port besides its own address, such as that of `alerts.link_url`. */
  readonly hostNames: readonly string[]
}

interface GateOptions {
  readonly host: string
  /** What is in force: the same object until a reload. */
  readonly access: () => AdminAccess
}

export function createGate({ host: ownHost, access }: GateOptions, clock: Clock): Gate {
  const needsToken = (): boolean => access().tokens.length > 0
  const callers = createCallers(() => access().tokens)
  const sessions = createSessions()
  const { ownerOf, sessionOf, callerOf } = createRecognition({ clock, sessions, callers, needsToken })
  const known = new WeakMap<Visitor, Caller>()
  return {
    checkOrigin(visitor) {
      const host = header(visitor, 'host')
      const [path = ''] = visitor.url.split('?')
      const isMonitor = needsToken() && monitored.has(path)
      if (!isMonitor && !isAllowedHost(host, allowedHosts(ownHost, access().hostNames))) {
        throw new Refused(
          421,
          'wrong_host',
          'The port is not known by this name. Use its address, or set alerts.link_url to the name people use.',
        )
      }
      const origin = header(visitor, 'origin')
      const isForeign = origin !== undefined && !isAllowedOrigin(origin, host)
      if (isForeign || (isUnsafe(visitor) && isCrossSite(visitor))) {
        throw new Refused(403, 'foreign_origin', 'Pages of other sites may not use this port.')
      }
    },
    callerFor(visitor, needed) {
      const caller = callerOf(visitor)
      known.set(visitor, caller)
      if (covers(caller.role, needed)) return caller
      throw new Refused(
        403,
        'not_allowed',
        `This needs the role ${needed}; the token ${caller.name} has ${caller.role}.`,
      )
    },
    signIn(visitor, token) {
      const caller = ownerOf(visitor, token)
      known.set(visitor, caller)
      return sessions.open(caller, clock.wall())
    },
    signOut(visitor) {
      const caller = sessionOf(visitor)
      if (caller !== undefined) known.set(visitor, caller)
      sessions.close(sessionIdOf(header(visitor, 'cookie')) ?? '')
    },
    session(visitor) {
      const caller = known.get(visitor) ?? (needsToken() ? sessionOf(visitor) : localCaller(visitor))
      return { needs_token: needsToken(), name: caller?.name ?? null, role: caller?.role ?? null }
    },
    mayGoOn: (caller) => (needsToken() ? callers.has(caller) : caller === LOCAL),
    knownCaller: (visitor) => known.get(visitor),
  }
}

/** Tells who asks: by token, by session cookie, or because no token is configured. */
function createRecognition({
  clock,
  sessions,
  callers,
  needsToken,
}: {
  readonly clock: Clock
  readonly sessions: Sessions
  readonly callers: Callers
  readonly needsToken: () => boolean
}) {
  const limit = createFailureLimit(FAILURES_A_MINUTE)
  const ownerOf = (visitor: Visitor, token: string): Caller => {
    const waitMs = limit.waitMs(visitor.ip, clock.mono())
    if (waitMs > 0) throw tooManyFailures(waitMs)
    const caller = callers.find(token)
    if (caller !== undefined) return caller
    limit.failed(visitor.ip, clock.mono())
    throw unauthorized('The token is not one of admin.tokens.', ', error="invalid_token"')
  }
  const sessionOf = (visitor: Visitor): Caller | undefined => {
    const id = sessionIdOf(header(visitor, 'cookie'))
    const caller = id === undefined ? undefined : sessions.find(id, clock.wall())
    return caller !== undefined && callers.has(caller) ? caller : undefined
  }
  const callerOf = (visitor: Visitor): Caller => {
    if (!needsToken()) return localCaller(visitor)
    const token = bearerToken(header(visitor, 'authorization'))
    if (token !== undefined) return ownerOf(visitor, token)
    const caller = sessionOf(visitor)
    if (caller === undefined) throw unauthorized('Send a token: Authorization: Bearer TOKEN.', '')
    // A browser sends its cookie with whatever makes it ask; only our own page sends the header.
    if (isUnsafe(visitor) && header(visitor, PAGE_HEADER) === undefined) {
      throw new Refused(
        403,
        'page_header_needed',
        `Changes by session cookie need the header ${PAGE_HEADER}.`,
      )
    }
    return caller
  }
  return { ownerOf, sessionOf, callerOf }
}

/** Whoever comes over a proxy is not known to be on this machine. */
function localCaller(visitor: Visitor): Caller {
  const isForwarded =
    header(visitor, 'forwarded') !== undefined || header(visitor, 'x-forwarded-for') !== undefined
  if (!isForwarded) return LOCAL
  throw unauthorized('Without admin.tokens only this machine may ask; this came through a proxy.', '')
}

function unauthorized(detail: string, more: string): Refused {
  return new Refused(401, 'token_needed', detail, { 'www-authenticate': `Bearer realm="ringback"${more}` })
}

function tooManyFailures(waitMs: number): Refused {
  const seconds = Math.ceil(waitMs / 1000)
  return new Refused(429, 'too_many_failures', `Too many wrong tokens; try again in ${seconds} s.`, {
    'retry-after': String(seconds),
  })
}

function isUnsafe({ method }: Visitor): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

function isCrossSite(visitor: Visitor): boolean {
  const site = header(visitor, 'sec-fetch-site')
  return site === 'cross-site' || site === 'same-site'
}

function header({ headers }: Visitor, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
