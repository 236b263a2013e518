/** What a message says, before it takes the form of a channel. Every text is one clean line. */
export interface Story {
  readonly tone: Tone
  /** Under 78 characters. */
  readonly subject: string
  readonly headline: string
  /** One or two sentences: what, since when, how much. */
  readonly lead: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** Lines of fixed width under a title; empty lines means none. */
  readonly list: { readonly title: string; readonly lines: readonly string[] }
  /** Commands that show more, to be typed as they are. */
  readonly commands: readonly string[]
  readonly link: string | undefined
  readonly dashboard?: string | undefined
  readonly footer: string
}

export type Tone = 'critical' | 'warning' | 'good' | 'plain'

/** Longest parts of a story; with these no channel has to cut. */
export const longest = {
  subject: 77,
  headline: 150,
  lead: 600,
  factName: 40,
  fact: 300,
  facts: 10,
  line: 120,
  lines: 12,
  command: 160,
  commands: 4,
  link: 1000,
  footer: 200,
} as const

export const colourOf: Readonly<Record<Tone, string>> = {
  critical: '#D63232',
  warning: '#E8A317',
  good: '#2EB67D',
  plain: '#6B7280',
}
