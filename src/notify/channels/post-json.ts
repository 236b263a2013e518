import { errorCode } from './error-code.ts'
import { NotifyError } from '../notifier.ts'
import { retryAfterMs } from './retry-after.ts'
import type { SlackFetch } from './slack.ts'

/** A fetch that refuses private addresses; the one that Slack is given fits. */
export type SafeFetch = SlackFetch

export interface JsonPost {
  /** Who is posted to, for people: `the webhook`. */
  readonly name: string
  readonly url: string
  readonly fetch: SafeFetch
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** @default 10_000 */
  readonly timeoutMs?: number | undefined
}

const DEFAULT_TIMEOUT_MS = 10_000
/** Asking again can help: the far side is busy, or was too early. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Posts JSON; resolves with the status when it was accepted (2xx).
 *
 * @throws NotifyError without the URL and without the far side's own words
 */
export async function postJson(post: JsonPost): Promise<number> {
  const { name, url, fetch, body, headers, timeoutMs = DEFAULT_TIMEOUT_MS } = post
  const signal = AbortSignal.any([post.signal, AbortSignal.timeout(timeoutMs)])
  let answer: Awaited<ReturnType<SafeFetch>>
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
      signal,
    })
    await answer.text()
  } catch (error) {
    const code = errorCode(error)
    const unreachable = `${name} cannot be reached${code === '' ? '' : ` (${code})`}`
    throw new NotifyError(signal.aborted ? `${name} did not answer in time` : unreachable, {
      isPermanent: false,
    })
  }
  const { status } = answer
  if (status >= 200 && status < 300) return status
  throw new NotifyError(`${name} answered ${status}`, {
    isPermanent: status >= 300 && status < 500 && !temporary.has(status),
    retryAfterMs: retryAfterMs(answer.headers.get('retry-after')),
  })
}
