import { addLatency, emptyLatency, type Latency } from '../../latency.ts'
import { failedResults, SPANS } from '../../stored/route-sums.ts'

interface Sum {
  readonly span: number
  readonly start: number
  readonly route: string
  callbacks: number
  failed: number
  last_received_at: number
  last_success_at: number
  readonly latency: Latency
}

/** What one batch adds to the numbers of each route by minute and hour. */
export class Rollups {
  readonly #sums = new Map<string, Sum>()

  received(route: string, atMs: number): void {
    for (const sum of this.#of(route, atMs)) {
      sum.callbacks++
      sum.last_received_at = Math.max(sum.last_received_at, atMs)
    }
  }

  attempted(route: string, atMs: number, outcome: string): void {
    if (outcome !== 'ok') return
    for (const sum of this.#of(route, atMs)) sum.last_success_at = Math.max(sum.last_success_at, atMs)
  }

  /** @param atMs when the callback arrived: its numbers belong to that minute */
  settled(route: string, atMs: number, result: string, answerMs: number): void {
    for (const sum of this.#of(route, atMs)) {
      if (failedResults.has(result)) sum.failed++
      addLatency(sum.latency, answerMs)
    }
  }

  rows(): readonly object[] {
    return [...this.#sums.values()].map((sum) => Object.assign({}, sum, { latency: [...sum.latency] }))
  }

  #of(route: string, atMs: number): readonly Sum[] {
    return [SPANS.minute, SPANS.hour].map((span) => {
      const start = atMs - (atMs % span)
      const key = `${span} ${start} ${route}`
      let sum = this.#sums.get(key)
      if (sum === undefined) {
        const zero = { callbacks: 0, failed: 0, last_received_at: 0, last_success_at: 0 }
        sum = { span, start, route, ...zero, latency: emptyLatency() }
        this.#sums.set(key, sum)
      }
      return sum
    })
  }
}
