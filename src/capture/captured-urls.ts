import type { Route } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Registration, Registrations } from '../ledger/ledger.ts'
import { CALL_PREFIX, type CallRoutes } from '../routing/table.ts'
import { publicUrlOf } from './public-url.ts'

/** What is to be captured. */
export interface Wish {
  /** The route whose policy the captured URL is to have. */
  readonly base: Route
  readonly target: string
  /** Tried when the target fails; empty for none. */
  readonly fallbackTarget: string
  /** How long the URL must work at least half of, milliseconds. */
  readonly lifeMs: number
}

/** A URL that stands for another one. */
export interface Captured {
  readonly url: string
  readonly token: string
  /** Was it made for this wish? */
  readonly isNew: boolean
  /** True when it would survive a power cut; false when it could not be written. Never rejects. */
  readonly stored: Promise<boolean>
}

export interface CapturedUrlsParts {
  readonly clock: Clock
  /** Per-call URLs of the routing table in force. */
  readonly calls: () => CallRoutes
  /** What the provider dials, without a slash at the end. */
  readonly publicBase: () => string
  readonly store: Registrations
  /** Can anything be stored at present? */
  readonly isWritable: () => boolean
  /** What is known from before. */
  readonly registrations: readonly Registration[]
  /** An opaque text of letters, digits, `-` and `_` that nobody can guess. */
  readonly newToken: () => string
  readonly onProblem: (problem: string) => void
}

interface Entry {
  readonly registration: Registration
  readonly stored: Promise<boolean>
  /** Requests that carry it and are under way. */
  holds: number
  /** Did the provider take a request that carries it? */
  isWanted: boolean
}

export const DAY_MS = 86_400_000
/** Longest URL that the platform takes for certain (its limit for the webhook of a trunk). */
const MOST_URL_CHARS = 500
const MOST_URLS = 100_000
const FIRST_SWEEP = 1_000

/**
 * Short public URLs that stand for handler URLs. The same handler under the same policy has the same one, however
 * often it is captured, so thousands of calls cost one registration.
 */
export class CapturedUrls {
  readonly #parts: CapturedUrlsParts
  readonly #entries = new Map<string, Entry>()
  #sweepAt = FIRST_SWEEP

  constructor(parts: CapturedUrlsParts) {
    this.#parts = parts
    for (const registration of parts.registrations) {
      if (registration.route === '') continue // registered by a person, who may take it away
      this.#entries.set(keyOf(registration), {
        registration,
        stored: Promise.resolve(true),
        holds: 0,
        isWanted: true,
      })
    }
  }

  /** What every captured URL without credentials begins with. */
  get prefix(): string {
    return this.#parts.publicBase() + CALL_PREFIX
  }

  /** Does this URL come here already? */
  isOurs(url: string): boolean {
    const own = URL.parse(this.#parts.publicBase())
    return own !== null && URL.parse(url)?.origin === own.origin
  }

  /** The URL that a token stands for. */
  originalOf(token: string): string | undefined {
    const registration = this.#parts.calls().get(token)
    return registration === undefined || registration.route === '' ? undefined : registration.target
  }

  /** A public URL for a handler's; usable at once. Undefined when this one cannot be captured. */
  capture({ base, target, fallbackTarget, lifeMs }: Wish): Captured | undefined {
    if (base.account === undefined) return undefined
    const wanted = { account: base.account, route: base.id, target, fallback_target: fallbackTarget }
    const now = this.#parts.clock.wall()
    const known = this.#entries.get(keyOf(wanted))
    if (known !== undefined && this.#isGood(known, now + lifeMs / 2)) return this.#hold(known, base, false)

    const token = known?.registration.token ?? this.#parts.newToken()
    if (publicUrlOf(this.prefix, token, { target, base }).length > MOST_URL_CHARS) return undefined
    const entry = this.#register(
      {
        ...wanted,
        token,
        call_id: '',
        method: '', // as the provider sends it: a later change of the method alone need not come through here
        events: [],
        created_at: now,
        expires_at: now + lifeMs,
      },
      known,
    )
    return entry === undefined ? undefined : this.#hold(entry, base, known === undefined)
  }

  /** The request that carries a captured URL has ended; one that no request brought to the provider is forgotten. */
  release({ token }: Captured, wasTaken: boolean): void {
    const registration = this.#parts.calls().get(token)
    const key = registration === undefined ? undefined : keyOf(registration)
    const entry = key === undefined ? undefined : this.#entries.get(key)
    if (key === undefined || entry === undefined) return
    entry.holds--
    entry.isWanted ||= wasTaken
    if (entry.isWanted || entry.holds > 0) return
    this.#entries.delete(key)
    this.#parts.calls().remove(token)
    void entry.stored
      .then(() => this.#parts.store.remove(token))
      .catch((error: unknown) => this.#parts.onProblem(messageOf(error)))
  }

  #hold(entry: Entry, base: Route, isNew: boolean): Captured {
    entry.holds++
    const { token, target } = entry.registration
    return { url: publicUrlOf(this.prefix, token, { target, base }), token, isNew, stored: entry.stored }
  }

  #isGood({ registration }: Entry, until: number): boolean {
    return registration.expires_at >= until && this.#parts.calls().get(registration.token) !== undefined
  }

  #register(registration: Registration, known: Entry | undefined): Entry | undefined {
    if (!this.#parts.isWritable()) {
      this.#parts.onProblem('the ledger cannot be written')
      return undefined
    }
    if (known === undefined && !this.#hasRoom(registration.created_at)) return undefined
    if (!this.#enter(registration)) return undefined
    const key = keyOf(registration)
    const stored = this.#store(key, registration)
    const entry = { registration, stored, holds: known?.holds ?? 0, isWanted: known?.isWanted ?? false }
    this.#entries.set(key, entry)
    return entry
  }

  #enter(registration: Registration): boolean {
    try {
      return this.#parts.calls().add(registration)
    } catch (error) {
      if (error instanceof RangeError) return false // the URL cannot be dialled
      throw error
    }
  }

  #store(key: string, registration: Registration): Promise<boolean> {
    return this.#parts.store.add(registration).then(
      () => true,
      (error: unknown) => {
        this.#parts.onProblem(messageOf(error))
        if (this.#entries.get(key)?.registration === registration) this.#entries.delete(key)
        return false
      },
    )
  }

  #hasRoom(now: number): boolean {
    if (this.#entries.size >= this.#sweepAt) {
      for (const [key, { registration }] of this.#entries) {
        if (registration.expires_at <= now) this.#entries.delete(key)
      }
      this.#sweepAt = Math.max(FIRST_SWEEP, this.#entries.size * 2)
    }
    if (this.#entries.size < MOST_URLS) return true
    this.#parts.onProblem(`${MOST_URLS} URLs are captured at present; no more are taken`)
    return false
  }
}

function keyOf({
  account,
  route,
  target,
  fallback_target,
}: Pick<Registration, 'account' | 'route' | 'target' | 'fallback_target'>): string {
  return JSON.stringify([account, route, target, fallback_target])
}
