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

/** Who may ask by token. */
export interface Callers {
  find(presented: string): Caller | undefined
  /** Is the token by which this caller was found still configured, with the same name, role and content? */
  has(caller: Caller): boolean
}

interface Known {
  readonly caller: Caller
  readonly digest: Buffer
}

/**
 * Callers by token. Only digests are kept. Every digest is compared, in constant time, so that neither the content nor
 * the place of a match can be read from the time it takes.
 *
 * @param tokens gives those in force; a reload makes another list of them
 */
export function createCallers(tokens: () => readonly AdminToken[]): Callers {
  let taken: readonly AdminToken[] = []
  let known: readonly Known[] = []
  const inForce = (): readonly Known[] => {
    const now = tokens()
    if (now !== taken) [taken, known] = [now, now.map((token) => knownAs(token, known))]
    return known
  }
  return {
    find(presented) {
      const digest = sha256(presented)
      let found: Caller | undefined
      for (const entry of inForce()) {
        if (timingSafeEqual(entry.digest, digest)) found = entry.caller
      }
      return found
    },
    has: (caller) => inForce().some((entry) => entry.caller === caller),
  }
}

/** A token that stays as it was stands for the same caller as before: sessions and streams are held by it. */
function knownAs({ name, role, token }: AdminToken, before: readonly Known[]): Known {
  const digest = sha256(token.reveal())
  const same = before.find(
    (each) => each.caller.name === name && each.caller.role === role && each.digest.equals(digest),
  )
  return same ?? { caller: { name, role }, digest }
}

/** The token of an `Authorization: Bearer …` header; undefined when there is none of that kind. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
