import type { Attempt } from '../callback/attempt.ts'
import type { Target } from '../callback/route.ts'
import { SUCCESS_CAP } from '../callback/streak.ts'
import type { Watch } from './watch.ts'

/**
 * A target that is well: its successes are only counted, and folded into its watch when somebody looks. This is the way of
 * nearly every attempt, so it makes nothing new.
 */
export class Calm {
  readonly route: string
  /** False once something went wrong: then the watch is followed step by step again. */
  isLive = true
  #lastId: string
  #successes = 0
  #at = 0
  #status = 0
  #ms = 0
  #bytes = 0
  #isSeen = false

  constructor({ route, streak }: Watch) {
    this.route = route
    this.#lastId = streak.lastSuccessId
  }

  succeeded(callbackId: string, { startedAt, status, phases, reply }: Attempt): void {
    this.#at = startedAt
    this.#status = status
    this.#ms = phases.total
    this.#bytes = reply === undefined ? 0 : reply.body.length
    this.#isSeen = true
    if (callbackId <= this.#lastId) return
    this.#lastId = callbackId
    this.#successes += 1
  }

  /** The watch with what was counted since the last time. */
  foldInto(watch: Watch): Watch {
    if (!this.#isSeen) return watch
    const lastGood = { at: this.#at, status: this.#status, ms: this.#ms, bytes: this.#bytes }
    const { streak } = watch
    const more = this.#successes
    this.#isSeen = false
    this.#successes = 0
    if (more === 0) return { ...watch, lastGood }
    const successes = Math.min(streak.successes + more, SUCCESS_CAP)
    return { ...watch, lastGood, streak: { ...streak, lastSuccessId: this.#lastId, successes } }
  }
}

/** The targets that are well, by the object that an attempt carries. */
export class CalmTargets {
  readonly #byTarget = new WeakMap<Target, Calm>()
  readonly #byKey = new Map<string, Calm>()

  /** Undefined where the watch has to be followed. */
  of(target: Target, route: string): Calm | undefined {
    const calm = this.#byTarget.get(target)
    return calm !== undefined && calm.isLive && calm.route === route ? calm : undefined
  }

  /** From now on successes of this target are only counted. */
  begin(key: string, target: Target, watch: Watch): void {
    const calm = this.#byKey.get(key) ?? new Calm(watch)
    this.#byKey.set(key, calm)
    this.#byTarget.set(target, calm)
  }

  /** The watch as it stands now. */
  folded(key: string, watch: Watch): Watch {
    return this.#byKey.get(key)?.foldInto(watch) ?? watch
  }

  /** It is followed step by step again. */
  end(key: string): void {
    const calm = this.#byKey.get(key)
    if (calm !== undefined) calm.isLive = false
    this.#byKey.delete(key)
  }
}
