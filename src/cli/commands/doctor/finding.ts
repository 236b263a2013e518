/** What one check of `ringback doctor` found. */
export interface Finding {
  readonly name: string
  readonly state: 'good' | 'doubtful' | 'bad'
  readonly detail: string
  /** What to do; empty when nothing. */
  readonly remedy: string
}
