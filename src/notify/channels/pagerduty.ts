import type { Message, Notifier } from '../notifier.ts'
import { postJson, type SafeFetch } from './post-json.ts'

export interface PagerDutyOptions {
  /** Integration key: a secret. */
  readonly routingKey: string
  readonly url: string
  readonly fetch: SafeFetch
  readonly timeoutMs?: number
}

/** Of `payload.summary`. */
const LONGEST_SUMMARY = 1024

/**
 * PagerDuty through the Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): one alert for each
 * incident, by its id as the deduplication key, resolved with it. Summaries are not for a pager.
 */
export function createPagerDuty({ routingKey, url, fetch, timeoutMs }: PagerDutyOptions): Notifier {
  return {
    channel: 'pagerduty',
    async send(message, signal) {
      if (message.kind === 'summary') return 'summaries are not sent to PagerDuty'
      const body = JSON.stringify({ routing_key: routingKey, ...eventOf(message) })
      await postJson({ name: 'PagerDuty', url, fetch, body, signal, timeoutMs })
      return ''
    },
    close: () => Promise.resolve(),
  }
}

function eventOf({ id, incidentId, kind, severity, subject, text, incident }: Message) {
  const isResolved = kind === 'resolved'
  return {
    event_action: isResolved ? 'resolve' : 'trigger',
    dedup_key: incidentId === '' ? id : incidentId,
    payload: {
      summary: subject.slice(0, LONGEST_SUMMARY),
      source: incident === undefined ? 'ringback' : `ringback ${incident.route} ${incident.target}`.trim(),
      severity,
      component: incident?.route,
      class: incident?.rule,
      custom_details: { text, callbacks: incident?.callbacks, drill: incident?.is_drill },
    },
    ...(incident?.link !== undefined && { links: [{ href: incident.link, text: 'Open in Ringback' }] }),
  }
}
