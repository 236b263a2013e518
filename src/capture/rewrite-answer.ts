import type { Answer } from '../callback/answer.ts'
import type { Attempt } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Route } from '../callback/route.ts'
import { requestLine } from '../forward/request-line.ts'
import { type Captured, type CapturedUrls, DAY_MS } from './captured-urls.ts'
import { isHostListed } from './hosts.ts'
import { fillSlots, type Slot } from './slot.ts'
import { type Found, storedOf } from './stored.ts'
import { twinInFallback } from './twin.ts'
import { xmlSlots } from './xml-slots.ts'

/** Puts captured URLs in the place of the callback URLs of an XML answer. Never rejects. */
export interface AnswerRewriter {
  /**
   * @param success the attempt that the answer came from; its URL is what relative ones are resolved against
   * @param leftMs until the answer must leave
   */
  (exchange: Exchange, success: Attempt, answer: Answer, leftMs: number): Promise<Answer>
}

export interface AnswerRewriterParts {
  readonly urls: CapturedUrls
  /** Hosts beside those of the handlers, `HOST` or `HOST:PORT`. */
  readonly hosts: () => readonly string[]
  /** A route of the configuration by its id. */
  readonly routeOf: (id: string) => Route | undefined
  readonly onProblem: (problem: string) => void
}

/** The platform takes no larger document. */
const MOST_BYTES = 100 * 1024
const MOST_SLOTS = 64
/** Longest wait for new URLs to be on disk; a call waits for the answer. Most answers hold none that is new. */
const MOST_WAIT_MS = 1_000
const MOST_PER_CALL = 200
const MOST_CALLS = 10_000

export function createAnswerRewriter(parts: AnswerRewriterParts): AnswerRewriter {
  const counts = new CallCounts()

  function captureAll(slots: readonly Slot[], exchange: Exchange, { target: handler }: Attempt): Found {
    const { callId } = exchange.facts
    const base = parts.routeOf(exchange.route.id) ?? exchange.route
    const answered = handler.origin + requestLine(exchange, handler).path
    const origins = new Set([handler, ...base.targets].map(({ origin }) => origin))
    const found = new Map<Slot, Captured>()
    for (const slot of slots) {
      const target = absolute(slot.url, answered)
      if (target === undefined || parts.urls.isOurs(target) || !counts.hasRoom(callId)) continue
      // Only what the configuration names is dialled: an answer does not choose hosts.
      if (!origins.has(URL.parse(target)?.origin ?? '') && !isHostListed(target, parts.hosts())) continue
      const fallbackTarget = twinInFallback(target, base)
      const captured = parts.urls.capture({ base, target, fallbackTarget, lifeMs: DAY_MS })
      if (captured === undefined) continue
      if (captured.isNew) counts.add(callId)
      parts.urls.release(captured, true)
      found.set(slot, captured)
    }
    return found
  }

  return async (exchange, success, answer, leftMs) => {
    if (answer.body.length > MOST_BYTES || isEncoded(answer)) return answer
    const text = Buffer.from(answer.body).toString('latin1')
    const slots = xmlSlots(text)
    if (slots.length === 0 || slots.length > MOST_SLOTS) return answer
    const found = captureAll(slots, exchange, success)
    const usable = await storedOf(found, Math.min(leftMs / 2, MOST_WAIT_MS))
    if (usable.size < found.size) {
      parts.onProblem(`${found.size - usable.size} URLs of an XML answer were not written in time`)
    }
    const filled = fillSlots(text, slots, (slot) => usable.get(slot)?.url)
    return filled === text ? answer : { ...answer, body: Buffer.from(filled, 'latin1') }
  }
}

/** A URL as the handler wrote it, or what a relative one means to it; undefined for anything but http and https. */
function absolute(url: string, handler: string): string | undefined {
  if (/^https?:\/\//i.test(url)) return url
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || /[{}\\]/.test(url)) return undefined
  return URL.parse(url, handler)?.href
}

function isEncoded({ headers }: Answer): boolean {
  return headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-encoding')
}

/** How many URLs each call had captured for it; a call that loops with a new URL each time must not fill the ledger. */
class CallCounts {
  readonly #counts = new Map<string, number>()

  hasRoom(callId: string): boolean {
    return (this.#counts.get(callId) ?? 0) < MOST_PER_CALL
  }

  add(callId: string): void {
    const count = (this.#counts.get(callId) ?? 0) + 1
    this.#counts.delete(callId)
    this.#counts.set(callId, count)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MOST_CALLS && oldest !== undefined) this.#counts.delete(oldest)
  }
}
