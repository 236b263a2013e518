import type { Outcome } from '../callback/outcome.ts'

// Incidents and the notifications that tell of them, durable. Rows are as the admin API shows them; times are
// milliseconds since the epoch. Every implementation passes test/contract/alert-store.ts.

export type IncidentSeverity = 'critical' | 'warning' | 'info'

/** One failed attempt as an incident remembers it. */
export interface FailureRow {
  readonly callback_id: string
  readonly call_id: string
  readonly event: string
  readonly at: number
  readonly outcome: Outcome
  /** Status of the handler, 0 when none arrived. */
  readonly status: number
  /** From start to end; null when it is not known. */
  readonly ms: number | null
  /** In words; holds no secret. */
  readonly error: string
  /** Beginning of the handler's reply, redacted; absent when there was none. */
  readonly excerpt?: string | undefined
  /** Size of the reply's body in bytes; absent when there was none. */
  readonly bytes?: number | undefined
}

/** Where a rule fires. */
export interface Place {
  readonly route: string
  readonly target: string
  /** It is over there, while the incident fires elsewhere. */
  readonly is_over?: boolean | undefined
  /** It began there after people were told of the incident; the next message says so. */
  readonly is_untold?: boolean | undefined
}

/** One alert from firing to resolved. At most one is open for each rule, route and target. */
export interface IncidentRow {
  readonly id: string
  readonly rule: string
  /** Route id, or empty when the rule watches the whole process. */
  readonly route: string
  /** Role of the target, or empty when the rule watches no single one. */
  readonly target: string
  /** URL of the target as it may be shown; empty without a target. */
  readonly target_label: string
  readonly severity: IncidentSeverity
  /** What holds, in one sentence for a person. */
  readonly reason: string
  /** When the first failure happened. */
  readonly since: number
  /** When the rule fired. */
  readonly opened_at: number
  /** Null while the incident is open. */
  readonly closed_at: number | null
  /** Why it was closed: recovered, route_removed, rule_off; empty while open. */
  readonly close_reason: string
  /** What the rule measured at its worst: failures in a row, a share, an age. */
  readonly value: number
  /** Callbacks hurt so far; their ids are kept up to MAX_INCIDENT_CALLBACKS. */
  readonly callbacks: number
  readonly first_failure: FailureRow | null
  /** The newest three, oldest first. */
  readonly recent_failures: readonly FailureRow[]
  /** When people were last told, and how many reminders they got. */
  readonly told_at: number
  readonly reminders: number
  /** Who said that it is being looked after, why, and until when no reminders are wanted; empty and 0 without. */
  readonly acked_by: string
  readonly ack_comment: string
  readonly acked_until: number
  /** What broke, under a name that other routes with the same cause share; empty when it stands for itself. */
  readonly cause: string
  /** Every place where it fires or fired, the first one first. */
  readonly places: readonly Place[]
  /** What else was known when it fired, as names and values for people. */
  readonly context: readonly (readonly [name: string, value: string])[]
}

/** What became of the callbacks that an incident hurt. */
export interface IncidentImpact {
  /** Callbacks that were looked at: at most the first 10,000. */
  readonly callbacks: number
  readonly calls: number
  /** Most frequent first. */
  readonly events: readonly { readonly event: string; readonly callbacks: number }[]
  /** Callbacks by what became of them, such as `rescued` or `failed`. */
  readonly results: Readonly<Record<string, number>>
}

/** Keeps people from being told of some alerts for a time. Empty matchers match everything; `*` stands for any text. */
export interface SilenceRow {
  readonly id: string
  readonly route: string
  readonly rule: string
  readonly target: string
  readonly severity: string
  readonly comment: string
  readonly created_by: string
  readonly created_at: number
  readonly starts_at: number
  readonly expires_at: number
}

/** Something that people did and that may explain an outage: a deploy, a reload. */
export interface MarkerRow {
  readonly id: string
  readonly at: number
  readonly text: string
  readonly created_by: string
}

/** Ids of hurt callbacks that are kept for one incident; the count goes on above it. */
export const MAX_INCIDENT_CALLBACKS = 100_000

/** What changes in an open incident as more callbacks fail. */
export type IncidentProgress = Pick<
  IncidentRow,
  'severity' | 'reason' | 'value' | 'first_failure' | 'recent_failures' | 'places'
>

export type NotificationKind = 'firing' | 'reminder' | 'resolved' | 'summary' | 'test'

/** A message to hand to the outbox; the channel's row id is `id.channel`, so inserting it twice is harmless. */
export interface NewNotification {
  readonly id: string
  /** Empty when the message belongs to no incident. */
  readonly incident_id: string
  readonly kind: NotificationKind
  /** Opaque to the store. */
  readonly message: string
}

/** The end of an incident. */
export interface IncidentClose {
  readonly at: number
  readonly reason: string
  readonly notification: {
    readonly id: string
    /** For channels that were told of the firing. */
    readonly message: string
    /** For channels whose firing message never left: it was down and has recovered, in one message. */
    readonly merged_message: string
  }
}

/** pending → sending → sent | failed; merged where a resolve took the place of a message that had not left. */
export type NotificationState = 'pending' | 'sending' | 'sent' | 'failed' | 'merged'

/** One message on its way through one channel. */
export interface NotificationRow {
  readonly id: string
  readonly incident_id: string
  readonly channel: string
  readonly kind: NotificationKind
  readonly state: NotificationState
  readonly created_at: number
  readonly due_at: number
  readonly tries: number
  readonly sent_at: number | null
  readonly last_error: string
  readonly message: string
}

/** Why a try failed and what is to be done. */
export interface NotificationFailure {
  readonly at: number
  /** In words; never holds the channel's URL or password. */
  readonly error: string
  /** When to try again; null gives up. */
  readonly retry_at: number | null
  /** Channel that is to tell it instead, unless it tells the same already; empty for none. */
  readonly fallback_channel: string
}

export interface IncidentFilter {
  readonly open?: boolean | undefined
  readonly route?: string | undefined
  readonly since?: number | undefined
  readonly limit: number
}

/** Writes and reads of incidents. Each method is one transaction, durable when it resolves. */
export interface IncidentStore {
  /**
   * Opens an incident, with the callbacks it hurt so far and one notification for each channel.
   * Resolves with false, and does nothing, when one is open already for its rule, route and target.
   */
  openIncident(opening: {
    readonly incident: IncidentRow
    readonly callback_ids: readonly string[]
    readonly notification: NewNotification
    readonly channels: readonly string[]
    /** Channels that were told already, while the store could not be written. */
    readonly told: readonly string[]
  }): Promise<boolean>
  /** Adds hurt callbacks (each counts once) and the newest findings; ignored when the incident is closed. */
  noteIncident(id: string, progress: IncidentProgress, callbackIds: readonly string[]): Promise<void>
  /** Tells again. Resolves with false, and does nothing, unless the incident is open and this is its next reminder. */
  remindIncident(reminder: {
    readonly incident_id: string
    readonly number: number
    readonly at: number
    readonly notification: NewNotification
    readonly channels: readonly string[]
  }): Promise<boolean>
  /** Closes and tells every channel that was told, or is still being told, of the firing. False when it was closed before. */
  closeIncident(id: string, close: IncidentClose): Promise<boolean>
  /** False when it is not open. An `until` of 0 takes the acknowledgement back. */
  ackIncident(
    id: string,
    ack: { readonly by: string; readonly comment: string; readonly until: number },
  ): Promise<boolean>
  /** Newest first. */
  incidents(filter: IncidentFilter): Promise<readonly IncidentRow[]>
  incident(id: string): Promise<IncidentRow | undefined>
  incidentImpact(id: string): Promise<IncidentImpact>
  /** Ids of the callbacks hurt, in order of arrival, after an id. */
  incidentCallbacks(id: string, after: string, limit: number): Promise<readonly string[]>
}

/**
 * The plan of retries waits for no longer than six minutes. A message that is due later than this was put in, or put off,
 * before the clock was set back: it is due now.
 */
export const LONGEST_WAIT_MS = 10 * 60_000

/** The outbox. One process at a time takes from it. */
export interface NotificationStore {
  /** A message that belongs to no incident: summary, test. */
  enqueue(notification: NewNotification, channels: readonly string[], at: number): Promise<void>
  /**
   * The next due message of a channel, now marked as being sent. A resolve takes the place of messages of its
   * incident that have not left; these are marked `merged`.
   */
  takeNotification(channel: string, now: number): Promise<NotificationRow | undefined>
  /** How many messages of a channel are due. */
  dueNotifications(channel: string, now: number): Promise<number>
  /** As takeNotification, for up to `limit` messages at once. */
  takeNotifications(channel: string, now: number, limit: number): Promise<readonly NotificationRow[]>
  /** `note` is kept as the last error: a remark of a channel that took it in part, or empty. */
  notificationSent(id: string, at: number, note: string): Promise<void>
  notificationFailed(id: string, failure: NotificationFailure): Promise<void>
  /** Messages of open incidents that a channel was told as firing: what it has to be reminded of after a start. */
  firingMessages(channel: string): Promise<readonly string[]>
  /** After a restart: messages that were being sent are due again, and those of channels that are gone have failed. */
  recoverNotifications(channels: readonly string[], now: number): Promise<void>
  /** After a reload and now and then: messages that wait for a channel which is not among these have failed. */
  failOtherChannels(channels: readonly string[], now: number): Promise<void>
  /** Newest first, optionally of one incident. */
  notifications(filter: {
    readonly incident_id?: string | undefined
    readonly limit: number
  }): Promise<readonly NotificationRow[]>
  /** When the oldest message that has not left was made; undefined when all have. */
  oldestPending(): Promise<number | undefined>
}

/** What people said: silences and markers. */
export interface HandlingStore {
  addSilence(silence: SilenceRow): Promise<void>
  /** False when it was over already, or there is none. */
  endSilence(id: string, at: number): Promise<boolean>
  /** Those that have not expired, newest first. */
  silences(now: number): Promise<readonly SilenceRow[]>
  addMarker(marker: MarkerRow): Promise<void>
  /** Newest first. */
  markers(since: number, limit: number): Promise<readonly MarkerRow[]>
}

export interface AlertStore extends IncidentStore, NotificationStore, HandlingStore {
  /** Deletes incidents that closed, and messages that ended, before a moment. Resolves with the number of rows. */
  pruneAlerts(beforeMs: number): Promise<number>
}

/** The same methods without promises: what runs on the thread that owns the database. */
export type Synchronous<Store> = {
  readonly [Name in keyof Store]: Store[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never
}
