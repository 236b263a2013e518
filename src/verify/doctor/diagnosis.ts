import type { Dialect, KeyRing } from '../verifier.ts'

/** How what was signed differs from what we check; the closed set of things that a diagnosis can find. */
export type Difference =
  | { readonly code: 'scheme'; readonly signed: string; readonly ours: string }
  | { readonly code: 'host'; readonly signed: string; readonly ours: string }
  | { readonly code: 'port'; readonly signed: string; readonly ours: string }
  | { readonly code: 'trailing_slash'; readonly signed: 'with' | 'without' }
  | { readonly code: 'query' }
  | { readonly code: 'base_path'; readonly ours: string }
  | { readonly code: 'escapes' }
  | { readonly code: 'body'; readonly how: string }
  | { readonly code: 'spelling' }
  | { readonly code: 'older_secret'; readonly setting: string; readonly retiredAt: number }
  | { readonly code: 'other_kind'; readonly setting: string; readonly needed: keyof KeyRing }
  | { readonly code: 'other_owner'; readonly setting: string }
  | { readonly code: 'not_declared' }
  | { readonly code: 'stale'; readonly byMs: number }
  | { readonly code: 'milliseconds' }

/** What was found of one signature that the request carries. */
export interface SignatureFinding {
  readonly dialect: Dialect
  /** `match`: it verifies with exactly these differences (none: it holds as it is). */
  readonly result: 'match' | 'no_match' | 'no_key' | 'malformed' | 'not_tried'
  readonly differences: readonly Difference[]
}

export interface Diagnosis {
  /** One for each signature that the request carries, strongest first; empty when it carries none. */
  readonly findings: readonly SignatureFinding[]
  /** A signature header stands there twice. */
  readonly duplicate: string | undefined
  /** How many ways were tried in all. */
  readonly tried: number
}
