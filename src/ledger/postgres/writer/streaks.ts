import { foldStreak, noStreak, type Streak } from '../../../callback/streak.ts'
import { type Vote, voteOf } from '../../../callback/vote.ts'
import type { AttemptRecord } from '../../codec/records.ts'
import { jsonRows } from '../connection.ts'
import type { Send } from './send.ts'
import { STREAKS_BEGUN, STREAKS_FOLDED, STREAKS_HELD } from './statements.ts'

interface Key {
  readonly route: string
  readonly target: string
}

interface Held extends Key {
  /** JSON; empty for one that has just begun. */
  readonly streak: string
}

/** Votes of a batch by the streak they count in, in order. */
export class Votes {
  readonly #votes = new Map<string, Key & { readonly votes: Vote[] }>()

  add(attempt: AttemptRecord): void {
    const vote = voteOf(attempt)
    if (vote === undefined) return
    const { route, streakKey: target } = attempt
    const key = `${route}\n${target}`
    const known = this.#votes.get(key)
    if (known === undefined) this.#votes.set(key, { route, target, votes: [vote] })
    else known.votes.push(vote)
  }

  /** Takes the streaks for this transaction and reads them as other replicas left them. */
  async hold(send: Send): Promise<readonly Held[]> {
    if (this.#votes.size === 0) return []
    const keys = jsonRows([...this.#votes.values()].map(({ route, target }) => ({ route, target })))
    const [, held] = await Promise.all([send(STREAKS_BEGUN, [keys]), send<Held>(STREAKS_HELD, [keys])])
    return held
  }

  async fold(send: Send, held: readonly Held[]): Promise<void> {
    if (held.length === 0) return
    const folded = held.map(({ route, target, streak }) => {
      const votes = this.#votes.get(`${route}\n${target}`)?.votes ?? []
      const before = streak === '' ? noStreak : (JSON.parse(streak) as Streak)
      const after = votes.reduce(
        (so, { callbackId, succeeded }) => foldStreak(so, callbackId, succeeded),
        before,
      )
      return { route, target, streak: JSON.stringify(after) }
    })
    await send(STREAKS_FOLDED, [jsonRows(folded)])
  }
}
