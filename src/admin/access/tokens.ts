import { createHash, timingSafeEqual } from 'node:crypto'

import type { Role } from '../api.ts'
import type { Caller } from '../endpoint.ts'

/** A token as configured; `token` is a Secret. */
export interface AdminToken {
  readonly name: string
  readonly role: Role
  readonly token: { reveal(): string }
}

const rank = { read: 0, replay: 1, admin: 2 } satisfies Record<Role, number>

/** May somebody with this role do what asks for that one? */
export function covers(role: Role, needed: Role): boolean {
  return rank[role] >= rank[needed]
}

/**
 * A finder of callers by token. Only digests are kept. Every digest is compared, in constant time, so that
 * neither the content nor the place of a match can be read from the time it takes.
 */
export function createTokenFinder(tokens: readonly AdminToken[]): (presented: string) => Caller | undefined {
  const known = tokens.map(({ name, role, token }) => ({
    caller: { name, role },
    digest: sha256(token.reveal()),
  }))
  return (presented) => {
    const digest = sha256(presented)
    let found: Caller | undefined
    for (const entry of known) {
      if (timingSafeEqual(entry.digest, digest)) found = entry.caller
    }
    return found
  }
}

/** The token of an `Authorization: Bearer …` header; undefined when there is none of that kind. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
