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

/** How far one channel came in a drill. Times are milliseconds since the epoch, null while it has not happened. */
export interface DrillChannelView {
  readonly channel: string
  readonly fired_at: number | null
  readonly resolved_at: number | null
  /** What it said last when it did not take a message; empty otherwise. */
  readonly problem: string
}

/** A drill: failing callbacks through the public port, until every channel accepted the alert and its end. */
export interface DrillView {
  readonly id: string
  readonly started_by: string
  readonly started_at: number
  readonly ended_at: number | null
  readonly state: 'firing' | 'resolving' | 'passed' | 'failed'
  /** Why it failed; empty otherwise. */
  readonly problem: string
  /** Empty before it fired. */
  readonly incident_id: string
  /** When the failure that had to fire was answered, and the success that had to resolve. */
  readonly failed_at: number | null
  readonly mended_at: number | null
  readonly channels: readonly DrillChannelView[]
}
