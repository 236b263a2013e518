import { eventRow } from '../../callback/event.ts'
import type { Finding } from '../rule.ts'
import { counted, durationWords } from '../messages/words.ts'
import type { StuckSettings } from './settings.ts'

/** Calls that are remembered for one route; the oldest are forgotten first. */
const MOST = 50_000

/** Calls of one route that were answered and not completed. Kept in memory: after a restart it begins afresh. */
export class CallsUnderWay {
  /** Time of the answer by call id, oldest first; undefined until a call was answered, as most routes are told of none. */
  #answered: Map<string, number> | undefined
  #completesCalls = false

  saw(event: string, callId: string, at: number): void {
    if (callId === '') return
    const topic = eventRow(event)?.topic
    if (topic === 'call.completed' || topic === 'call.failed') {
      this.#completesCalls = true
      if (this.#answered !== undefined && this.#answered.size > 0) this.#answered.delete(callId)
    } else if (topic === 'call.answered') {
      this.#answered ??= new Map()
      this.#answered.set(callId, at)
      const [oldest] = this.#answered.keys()
      if (this.#answered.size > MOST && oldest !== undefined) this.#answered.delete(oldest)
    }
  }

  /** When the oldest of them was answered; `now` when there is none. */
  oldestAt(now: number): number {
    if (this.#answered !== undefined) for (const at of this.#answered.values()) return at
    return now
  }

  /** Forgets calls that were answered before a moment. */
  forget(before: number): void {
    for (const [callId, at] of this.#answered ?? []) {
      if (at >= before) return
      this.#answered?.delete(callId)
    }
  }

  /** Says nothing where no call was ever seen to complete: such a route is not sent these events. */
  judge({ max_duration, at_least }: StuckSettings, now: number): Finding {
    let stuck = 0
    let since: number | undefined
    for (const at of this.#answered?.values() ?? []) {
      if (now - at <= max_duration) break
      stuck += 1
      since ??= at
    }
    const reason = `${counted(stuck, 'call')} answered over ${durationWords(max_duration)} ago and not completed (limit ${at_least})`
    const verdict = stuck === 0 ? 'good' : stuck >= at_least && this.#completesCalls ? 'bad' : 'unclear'
    return { verdict, value: stuck, reason, since }
  }
}
