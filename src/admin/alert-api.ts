// What is asked of and told about the handling of alerts, beside the incidents themselves.

/** How one rule stands on one route. */
export interface RuleReport {
  /** Empty for a rule over the whole process. */
  readonly route: string
  readonly rule: string
  readonly target: string
  readonly is_on: boolean
  readonly is_firing: boolean
  readonly verdict: 'bad' | 'good' | 'unclear'
  readonly value: number
  /** What was measured and where the limit is. */
  readonly reason: string
  /** Why nobody is told although it fires; empty when somebody is. */
  readonly held: string
}

/** What a channel said to a test message. */
export interface ChannelTest {
  readonly channel: string
  readonly is_accepted: boolean
  /** The channel's remark, or why it did not take it. */
  readonly note: string
  readonly ms: number
}
