import type { IncomingWebhook, IncomingWebhookSendArguments } from '@slack/webhook'

import { errorCode } from './error-code.ts'
import { type Message, type Notifier, NotifyError } from '../notifier.ts'
import { retryAfterMs } from './retry-after.ts'

/** What @slack/webhook needs of a fetch; the global one fits. */
export type SlackFetch = NonNullable<IncomingWebhookSendArguments['fetch']>

export interface SlackOptions {
  /** The incoming webhook: a secret. */
  readonly url: string
  /** Refuses private addresses; used for every request. */
  readonly fetch: SlackFetch
  /** Longest time for one message. @default 10_000 */
  readonly timeoutMs?: number
}

/**
 * Answers of Slack after which trying again cannot help
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors).
 */
const permanentBodies: ReadonlySet<string> = new Set([
  'action_prohibited',
  'channel_is_archived',
  'channel_not_found',
  'invalid_blocks',
  'invalid_payload',
  'invalid_token',
  'no_active_hooks',
  'no_service',
  'no_service_id',
  'no_team',
  'no_text',
  'posting_to_general_channel_denied',
  'team_disabled',
  'too_many_attachments',
  'user_not_found',
])
const permanentStatuses: ReadonlySet<number> = new Set([400, 403, 404, 410])
const DEFAULT_TIMEOUT_MS = 10_000
const SHOWN_CHARS = 60

/** A Slack channel behind an incoming webhook. Only a body of exactly `ok` counts as accepted. */
export function createSlack(options: SlackOptions): Notifier {
  const { url, fetch, timeoutMs = DEFAULT_TIMEOUT_MS } = options
  // Loaded for who uses Slack alone, and before there is a message.
  const library = import('@slack/webhook')
  library.catch(() => undefined) // whoever sends hears of it
  return {
    channel: 'slack',
    isForPeople: true,
    send: async (message, signal) =>
      post(message, { url, fetch, library: await library }, deadline(signal, timeoutMs)),
    close: () => Promise.resolve(),
  }
}

/** What came back, kept beside the library, which drops status and headers. */
interface Answer {
  status: number
  retryAfter: string | null
  body: string
}

async function post(
  message: Message,
  {
    url,
    fetch,
    library,
  }: {
    readonly url: string
    readonly fetch: SlackFetch
    readonly library: { readonly IncomingWebhook: typeof IncomingWebhook }
  },
  signal: AbortSignal,
): Promise<string> {
  let answer: Answer | undefined
  const webhook = new library.IncomingWebhook(url, {
    // The library's own time-out does not cover a caller's wish to stop.
    fetch: async (address, init) => {
      const response = await fetch(address, { ...init, signal })
      const body = await response.text()
      answer = { status: response.status, retryAfter: response.headers.get('retry-after'), body: body.trim() }
      return { ...readOnce(response), text: () => Promise.resolve(body) }
    },
  })
  try {
    await webhook.send({ text: message.subject, ...message.slack })
  } catch (error) {
    throw failureOf(answer, error, signal)
  }
  if (answer?.body !== 'ok') throw failureOf(answer, undefined, signal)
  return ''
}

type SlackResponse = Awaited<ReturnType<SlackFetch>>

/** The members of a response as plain values: its body was read already. */
function readOnce(response: SlackResponse): SlackResponse {
  const { ok, status, statusText, url, headers } = response
  return {
    ok,
    status,
    statusText,
    url,
    headers,
    arrayBuffer: () => response.arrayBuffer(),
    json: () => response.json(),
    text: () => response.text(),
  }
}

/** Texts of causes are not passed on: they may hold the URL, which is the secret. */
function failureOf(answer: Answer | undefined, error: unknown, signal: AbortSignal): NotifyError {
  if (answer === undefined) {
    const code = errorCode(error)
    const unreachable = `Slack cannot be reached${code === '' ? '' : ` (${code})`}`
    const what = signal.aborted ? 'Slack did not answer in time' : unreachable
    return new NotifyError(what, { isPermanent: false })
  }
  const { status, body } = answer
  if (status === 429) {
    return new NotifyError('Slack asks for fewer messages (429)', {
      isPermanent: false,
      retryAfterMs: retryAfterMs(answer.retryAfter),
    })
  }
  const word = /^[a-z_]+$/.test(body) ? body.slice(0, SHOWN_CHARS) : 'an unknown answer'
  return new NotifyError(`Slack answered ${status} ${word}`, {
    isPermanent: permanentBodies.has(body) || permanentStatuses.has(status),
  })
}

function deadline(signal: AbortSignal, ms: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)])
}
