import { timingSafeEqual } from 'node:crypto'

/** Longer than any user and password that a person would set. */
const MAX_BYTES = 1024

const padded = [Buffer.alloc(MAX_BYTES), Buffer.alloc(MAX_BYTES)] as const

/**
 * Is an `Authorization` value one of the allowed ones (`Basic …`, ready-made)? Takes the same time for every value
 * and compares all of them, so that neither a length, a common beginning nor a position can be measured.
 */
export function isBasicAllowed(authorization: string, allowed: readonly string[]): boolean {
  if (authorization.length === 0 || authorization.length > MAX_BYTES) return false
  const given = withSchemeAsWritten(authorization)
  let isAllowed = false
  for (const value of allowed) {
    if (value.length > 0 && isSame(given, value)) isAllowed = true
  }
  return isAllowed
}

/** The name of a scheme is case-insensitive (RFC 9110 §11.1); what follows is not. */
function withSchemeAsWritten(authorization: string): string {
  return /^basic /i.test(authorization) ? `Basic ${authorization.slice(6)}` : authorization
}

function isSame(given: string, value: string): boolean {
  const [left, right] = padded
  left.fill(0)
  right.fill(0)
  left.write(given, 'latin1')
  right.write(value, 'latin1')
  return timingSafeEqual(left, right) && given.length === value.length
}
