import { createHmac } from 'node:crypto'

import type { Message, Notifier } from '../notifier.ts'
import { postJson, type SafeFetch } from './post-json.ts'

export interface WebhookOptions {
  /** A secret: it may hold a token. */
  readonly url: string
  /** Key of the signature. */
  readonly secret: string
  readonly fetch: SafeFetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly timeoutMs?: number
}

/**
 * Posts each message as JSON of the form that docs/alerts.md describes, signed: `X-Ringback-Signature: t=SECONDS,v1=HEX`
 * is the HMAC-SHA256 of `SECONDS.BODY`. A repeated try has the same `id`.
 */
export function createWebhook({ url, secret, fetch, now, timeoutMs }: WebhookOptions): Notifier {
  return {
    channel: 'webhook',
    async send(message, signal) {
      const body = webhookBody(message)
      const at = Math.floor(now() / 1000)
      const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
      const headers = { 'X-Ringback-Signature': `t=${at},v1=${signature}`, 'X-Ringback-Kind': message.kind }
      await postJson({ name: 'the webhook', url, fetch, body, headers, signal, timeoutMs })
      return ''
    },
    close: () => Promise.resolve(),
  }
}

function webhookBody({ id, kind, severity, subject, text, incident }: Message): string {
  return JSON.stringify({ version: 1, id, kind, severity, subject, text, incident: incident ?? null })
}
