import { createHash, randomBytes } from 'node:crypto'

import type { Caller } from '../endpoint.ts'

/** Name of the cookie that stands for a signed-in browser. */
const SESSION_COOKIE = 'ringback_session'
/** The header that a page sends with every change. A form of another site cannot set it. */
export const PAGE_HEADER = 'x-ringback-page'

const LIFETIME_MS = 12 * 3_600_000
const MOST_SESSIONS = 1000

/** Browsers that have signed in. In memory: a restart asks them for their token again. */
export interface Sessions {
  /** A new session; the id is known to nobody but its browser, only its digest is kept. */
  open(caller: Caller, nowMs: number): { readonly id: string; readonly lifetimeMs: number }
  find(id: string, nowMs: number): Caller | undefined
  close(id: string): void
}

export function createSessions(): Sessions {
  const sessions = new Map<string, { readonly caller: Caller; readonly endsAt: number }>()
  return {
    open(caller, nowMs) {
      for (const [key, { endsAt }] of sessions) if (endsAt <= nowMs) sessions.delete(key)
      const [oldest] = sessions.keys()
      if (sessions.size >= MOST_SESSIONS && oldest !== undefined) sessions.delete(oldest)
      const id = randomBytes(32).toString('base64url')
      sessions.set(digest(id), { caller, endsAt: nowMs + LIFETIME_MS })
      return { id, lifetimeMs: LIFETIME_MS }
    },
    find(id, nowMs) {
      const session = sessions.get(digest(id))
      return session !== undefined && session.endsAt > nowMs ? session.caller : undefined
    },
    close(id) {
      sessions.delete(digest(id))
    },
  }
}

/** The id of the session in a Cookie header; undefined when there is none. */
export function sessionIdOf(cookie: string | undefined): string | undefined {
  return cookie === undefined ? undefined : /(?:^|; ?)ringback_session=([\w-]{43})(?:;|$)/.exec(cookie)?.[1]
}

/**
 * A Set-Cookie value without Path: browsers then send it to the folder of the sign-in, `…/api/v1/`, whatever path a
 * proxy has put the port under.
 */
export function sessionCookie(id: string, options: { maxAgeMs: number; isSecure: boolean }): string {
  const attributes = ['HttpOnly', 'SameSite=Strict', `Max-Age=${Math.floor(options.maxAgeMs / 1000)}`]
  if (options.isSecure) attributes.push('Secure')
  return [`${SESSION_COOKIE}=${id}`, ...attributes].join('; ')
}

/** A lookup by digest: the time it takes says nothing about the ids that exist. */
function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
