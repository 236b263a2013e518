import type {
  IncidentImpact,
  IncidentProgress,
  IncidentRow,
  IncidentStore,
  NotificationStore,
} from '../../ledger/alert-store.ts'
import type { Message } from '../../notify/notifier.ts'
import { incidentMessage } from '../messages/incident-message.ts'
import type { Report } from '../messages/incident-story.ts'
import { notificationOf } from '../messages/notification.ts'
import { RetryLine } from './retry-line.ts'

export interface DeskOptions {
  readonly store: IncidentStore & Pick<NotificationStore, 'enqueue'>
  /** Is the target of an incident skipped at present? Undefined when it has none, or that is not known. */
  readonly isSkipped: (incident: IncidentRow) => boolean | undefined
  /** Messages wait in the outbox. */
  readonly onNotifications: () => void
  /** The store cannot be written: this must reach people all the same. */
  readonly onUnstored: (message: Message, channels: readonly string[]) => void
  /** The store did not take a write; it is tried again. */
  readonly onProblem: (error: unknown) => void
}

/** How messages are composed; follows the configuration. */
export interface Telling {
  readonly repeatEveryMs: number
  readonly linkUrl: string | undefined
  readonly dashboardUrl?: string | undefined
}

/** People are told within 10 s, whatever the store does; this leaves time for the channel. */
const TELL_PAST_STORE_MS = 5000

interface Reminder {
  readonly number: number
  readonly at: number
  readonly channels: readonly string[]
}

/** Somebody looks after an incident. */
export interface Acknowledgement {
  readonly by: string
  readonly comment: string
  /** No reminders before; 0 takes it back. */
  readonly until: number
}

interface Opening {
  readonly message: Message
  readonly since: number
  readonly channels: readonly string[]
  /** Channels that were told past the store; empty while none was. */
  told: readonly string[]
}

/** Findings that wait their turn. */
interface Note {
  progress: IncidentProgress
  readonly callbackIds: string[]
}

/** Writes incidents and their messages into the store, in order, each as one transaction, and tries again on failure. */
export class IncidentDesk {
  readonly #options: DeskOptions
  readonly #line: RetryLine
  /** Firings that are not in the store yet. */
  readonly #openings = new Set<Opening>()
  /** By incident, while no reminder of it stands behind them. */
  readonly #notes = new Map<string, Note>()
  #telling: Telling

  constructor(options: DeskOptions, telling: Telling) {
    this.#options = options
    this.#telling = telling
    this.#line = new RetryLine(options.onProblem)
  }

  set telling(telling: Telling) {
    this.#telling = telling
  }

  get telling(): Telling {
    return this.#telling
  }

  open(incident: IncidentRow, callbackIds: readonly string[], channels: readonly string[]): void {
    const known = { ...incident, callbacks: callbackIds.length }
    const opening: Opening = {
      message: this.#message('firing', known, incident.opened_at),
      since: incident.opened_at,
      channels,
      told: [],
    }
    this.#openings.add(opening)
    this.#line.add(async () => {
      try {
        const opened = await this.#options.store.openIncident({
          incident,
          callback_ids: callbackIds,
          notification: notificationOf(opening.message),
          channels,
          told: opening.told,
        })
        this.#openings.delete(opening)
        if (opened) this.#options.onNotifications()
      } catch (error) {
        this.#tellPastStore(opening)
        throw error
      }
    })
  }

  /** Tells channels of the firing that were not to be told before; one that was already is not told twice. */
  tell(id: string, channels: readonly string[], at: number): void {
    this.#line.add(async () => {
      const { store } = this.#options
      const stored = await store.incident(id)
      if (stored === undefined || stored.closed_at !== null) return
      const impact = await store.incidentImpact(id)
      await store.enqueue(notificationOf(this.#message('firing', stored, at, impact)), channels, at)
      this.#options.onNotifications()
    })
  }

  acknowledge(id: string, ack: Acknowledgement): void {
    this.#line.add(async () => {
      await this.#options.store.ackIncident(id, ack)
    })
  }

  /** One that still waits takes it in: they come every second, and what is behind them must not wait for all of them. */
  note(id: string, progress: IncidentProgress, callbackIds: readonly string[]): void {
    const waiting = this.#notes.get(id)
    if (waiting !== undefined) {
      waiting.progress = progress
      for (const callbackId of callbackIds) waiting.callbackIds.push(callbackId)
      return
    }
    const note: Note = { progress, callbackIds: [...callbackIds] }
    this.#notes.set(id, note)
    this.#line.add(async () => {
      if (this.#notes.get(id) === note) this.#notes.delete(id)
      await this.#options.store.noteIncident(id, note.progress, note.callbackIds)
    })
  }

  remind(id: string, { number, at, channels }: Reminder): void {
    this.#notes.delete(id) // what comes later marks places as told that people hear of by this one
    this.#line.add(async () => {
      const { store } = this.#options
      const stored = await store.incident(id)
      if (stored === undefined) return
      const told = { ...stored, reminders: number, told_at: at }
      const reminded = await store.remindIncident({
        incident_id: id,
        number,
        at,
        notification: notificationOf(this.#message('reminder', told, at, await store.incidentImpact(id))),
        channels,
      })
      if (reminded) this.#options.onNotifications()
    })
  }

  close(id: string, at: number, reason: string): void {
    this.#line.add(async () => {
      const { store } = this.#options
      const stored = await store.incident(id)
      if (stored === undefined) return
      const closed = { ...stored, closed_at: at, close_reason: reason }
      const impact = await store.incidentImpact(id)
      const resolved = this.#message('resolved', closed, at, impact)
      const done = await store.closeIncident(id, {
        at,
        reason,
        notification: {
          id: resolved.id,
          message: JSON.stringify(resolved),
          merged_message: JSON.stringify(this.#message('missed', closed, at, impact)),
        },
      })
      if (done) this.#options.onNotifications()
    })
  }

  /** Writes that wait for the store. */
  get waiting(): number {
    return this.#line.length
  }

  /** Tries on, and tells past the store what it has not taken for too long. */
  tick(now: number): void {
    for (const opening of this.#openings) {
      if (now - opening.since >= TELL_PAST_STORE_MS) this.#tellPastStore(opening)
    }
    this.#line.resume()
  }

  async idle(): Promise<void> {
    await this.#line.idle()
  }

  #tellPastStore(opening: Opening): void {
    if (opening.told.length > 0 || opening.channels.length === 0) return
    opening.told = opening.channels
    this.#options.onUnstored(opening.message, opening.channels)
  }

  #message(kind: Report['kind'], incident: IncidentRow, now: number, impact?: IncidentImpact): Message {
    const { repeatEveryMs, linkUrl, dashboardUrl } = this.#telling
    const isSkipped = this.#options.isSkipped(incident)
    const nextReminderAt = now + repeatEveryMs
    return incidentMessage({ kind, incident, impact, isSkipped, now, nextReminderAt, linkUrl, dashboardUrl })
  }
}
