import type { z } from 'zod'

import { keysAt } from './json-schema.ts'
import type { FieldPath } from './problem.ts'
import { nearest } from './suggestion.ts'

type Issue = z.core.$ZodIssue

/** Something to say about one setting. */
export interface Finding {
  readonly path: FieldPath
  readonly message: string
}

/** What the schema found, in words for a person. `value` is what was checked. */
export function findingsOf(issues: readonly Issue[], value: unknown): readonly Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
    if (issue.code !== 'unrecognized_keys') return { path, message: messageOf(issue, valueAt(value, path)) }
    const known = keysAt(path)
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }))
  })
}

/** The value at a place of plain data; undefined when there is none. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Readonly<Record<string | number, unknown>>)[step]
  }
  return at
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  if (meant !== undefined) return `unknown key; did you mean "${meant}"?`
  return `unknown key; known here: ${known.join(', ')}`
}

function messageOf(issue: Issue, value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is empty; give it a value or take the key away'
  switch (issue.code) {
    case 'invalid_type':
      return hasOwnWords(issue) ? issue.message : wrongType(issue.expected)
    case 'invalid_value':
      return oneOf(issue.values.map(String), value)
    case 'too_small':
      return leastOf(issue.origin, Number(issue.minimum))
    case 'too_big':
      return `must be at most ${Number(issue.maximum)}`
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is not a name that can stand here'
    case 'invalid_format':
      return issue.format === 'email' ? 'must be an e-mail address' : issue.message
    case 'invalid_union':
    case 'custom':
    case 'unrecognized_keys':
    case 'invalid_element':
    case 'not_multiple_of':
      return issue.message
  }
}

/** zod's own texts begin with these words; ours never do. */
function hasOwnWords(issue: Issue): boolean {
  return !issue.message.startsWith('Invalid input')
}

function wrongType(expected: string): string {
  switch (expected) {
    case 'string':
      return 'must be a text; put it in quotes'
    case 'int':
    case 'number':
      return 'must be a whole number'
    case 'boolean':
      return 'must be true or false'
    case 'array':
      return 'must be a list'
    default:
      return 'must be a mapping of keys to values'
  }
}

function oneOf(allowed: readonly string[], value: unknown): string {
  const meant = typeof value === 'string' ? nearest(value, allowed) : undefined
  const list = `must be ${allowed.length === 2 ? allowed.join(' or ') : `one of ${allowed.join(', ')}`}`
  return meant === undefined ? list : `${list}; did you mean "${meant}"?`
}

function leastOf(origin: string, least: number): string {
  if (origin === 'array') return 'must hold at least one entry'
  if (origin === 'string') return 'must not be empty'
  return `must be at least ${least}`
}
