import type { SafeFetch } from './channels/post-json.ts'

export interface HeartbeatOptions {
  /** Called with GET: a secret, it may hold a token. */
  readonly url: string
  readonly everyMs: number
  readonly fetch: SafeFetch
  /** It was called again after a failure, or could not be; without the URL. */
  readonly onChange: (problem: string) => void
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * Calls a URL while all is well, so that somebody outside notices when it stops: a daemon that is down, that hangs, or that
 * could not tell anybody cannot say so itself.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #calledAt = -Infinity
  #problem = ''
  /** Counts what is newer than an answer under way: only the newest word counts. */
  #turn = 0

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** Call about once a second. @param problem why it must not go out; empty while all is well */
  tick(now: number, problem: string): void {
    if (problem !== '') {
      this.#turn += 1
      return this.#note(`held back: ${problem}`)
    }
    if (now - this.#calledAt < this.#options.everyMs) return
    this.#calledAt = now
    const turn = ++this.#turn
    void this.#call().then((failure) => {
      if (turn === this.#turn) this.#note(failure)
    })
  }

  async #call(): Promise<string> {
    const { url, fetch, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options
    try {
      const answer = await fetch(url, { method: 'GET', signal: AbortSignal.timeout(timeoutMs) })
      await answer.text()
      return answer.ok ? '' : `its URL answered ${answer.status}`
    } catch {
      return 'its URL cannot be reached' // the cause may name the URL, which is a secret
    }
  }

  #note(problem: string): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.#options.onChange(problem)
  }
}
