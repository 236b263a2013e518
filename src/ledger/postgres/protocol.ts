import type { Place } from './place.ts'

/** What the thread that commits is started with. */
export interface WriterData {
  readonly place: Place
  /** Of this process among all that write; see stores/sessions.ts. */
  readonly writer: number
  readonly bodies: 'full' | 'redacted' | 'none'
  readonly bodyLimit: number
  readonly refusalLimit: number
}

/** What the thread that answers questions and hosts the small stores is started with. */
export interface StoreData {
  readonly place: Place
  /** Tells this process from every other, also from an earlier one on the same machine. */
  readonly session: string
  /** Xml answers are forgotten after it. */
  readonly replayWindowMs: number
}
