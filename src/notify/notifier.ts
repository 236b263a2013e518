/** One message to people, already composed for every channel. Holds no secret and no unmasked phone number. */
export interface Message {
  readonly id: string
  readonly incidentId: string
  readonly kind: 'firing' | 'reminder' | 'resolved' | 'summary' | 'test'
  readonly severity: 'critical' | 'warning' | 'info'
  /** One line, under 78 characters. */
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Block Kit attachment for Slack, inside its limits. */
  readonly slack: Readonly<Record<string, unknown>>
  /** Absent where the message belongs to no incident. */
  readonly incident?: MessageIncident | undefined
}

/** The incident of a message as data, for channels that are machines. */
export interface MessageIncident {
  readonly id: string
  readonly rule: string
  readonly route: string
  readonly target: string
  readonly severity: Message['severity']
  readonly reason: string
  readonly since: number
  readonly opened_at: number
  /** Null while it fires. */
  readonly closed_at: number | null
  readonly callbacks: number
  /** Part of a drill: nothing is wrong. */
  readonly is_drill: boolean
  readonly places: readonly { readonly route: string; readonly target: string }[]
  /** Address of its page; undefined without one. */
  readonly link?: string | undefined
}

/** Sends a message through one channel. */
export interface Notifier {
  /** Name of the channel: metric label, column of the outbox. */
  readonly channel: string
  /** People read it: many messages at once are put together. A machine has to be told of each. */
  readonly isForPeople?: boolean
  /**
   * Resolves when the far side accepted it, with a remark for people (a recipient that was refused) or the
   * empty string; otherwise throws a NotifyError.
   */
  send(message: Message, signal: AbortSignal): Promise<string>
  /** After a start or a reload: this was told by an earlier notifier of the channel and still fires. */
  resume?(message: Message): void
  close(): Promise<void>
}

/** A channel did not take a message. Its text never holds the channel's URL or password. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError'
  /** True when trying again cannot help (wrong URL, archived channel, refused recipient). */
  readonly isPermanent: boolean
  /** The far side's wish, milliseconds; undefined when it had none. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    options: { isPermanent: boolean; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.isPermanent = options.isPermanent
    this.retryAfterMs = options.retryAfterMs
  }
}
