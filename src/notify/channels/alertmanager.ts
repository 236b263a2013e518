import type { Message, MessageIncident, Notifier } from '../notifier.ts'
import { NotifyError } from '../notifier.ts'
import { postJson, type SafeFetch } from './post-json.ts'

export interface AlertmanagerOptions {
  /** Every Alertmanager of the cluster: each must be told. */
  readonly urls: readonly string[]
  readonly fetch: SafeFetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly timeoutMs?: number
}

/** An alert that is not sent again in this time is taken as over; the engine sends it again every minute. */
const ENDS_AFTER_MS = 5 * 60_000
const RESEND_MS = 60_000

/**
 * Alertmanager through its API v2 (https://prometheus.io/docs/alerting/latest/alerts_api/). It takes an alert as over at
 * `endsAt`, so those that fire are sent again until they are resolved; `resume` takes that up, at once, after a restart or a reload.
 */
export function createAlertmanager(options: AlertmanagerOptions): Notifier {
  const firing = new Map<string, MessageIncident>()
  let resending = Promise.resolve()
  const resend = (): void => {
    if (firing.size === 0) return
    const alerts = [...firing.values()].map((incident) => alertOf(incident, options.now() + ENDS_AFTER_MS))
    resending = postAll(options, alerts, AbortSignal.timeout(RESEND_MS)).then(
      () => undefined,
      () => undefined, // the next minute tries again
    )
  }
  const everyMinute = setInterval(resend, RESEND_MS).unref()
  let soon: NodeJS.Immediate | undefined

  async function send({ kind, incident }: Message, signal: AbortSignal): Promise<string> {
    if (incident === undefined) {
      await postAll(options, [], signal)
      return 'Alertmanager answers; it is told of alerts only'
    }
    if (kind !== 'resolved') {
      const note = await postAll(options, [alertOf(incident, options.now() + ENDS_AFTER_MS)], signal)
      firing.set(incident.id, incident)
      return note
    }
    firing.delete(incident.id)
    await resending // one that is under way would make it fire again
    return postAll(options, [alertOf(incident, options.now())], signal)
  }

  return {
    channel: 'alertmanager',
    send,
    resume({ incident }) {
      if (incident === undefined) return
      firing.set(incident.id, incident)
      soon ??= setImmediate(() => {
        soon = undefined
        resend()
      })
    },
    close() {
      clearInterval(everyMinute)
      clearImmediate(soon)
      return Promise.resolve()
    },
  }
}

/** One of them that takes it is enough: they tell each other what was notified, but not what fires. */
async function postAll(
  options: AlertmanagerOptions,
  alerts: readonly object[],
  signal: AbortSignal,
): Promise<string> {
  const body = JSON.stringify(alerts)
  const { fetch, timeoutMs } = options
  const results = await Promise.allSettled(
    options.urls.map((base) =>
      postJson({
        name: 'Alertmanager',
        url: `${base.replace(/\/$/, '')}/api/v2/alerts`,
        fetch,
        body,
        signal,
        timeoutMs,
      }),
    ),
  )
  const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  const [first] = failures
  if (failures.length < results.length) {
    return failures.length === 0
      ? ''
      : `${failures.length} of ${results.length} Alertmanagers did not take it`
  }
  throw first instanceof NotifyError ? first : new NotifyError('Alertmanager failed', { isPermanent: false })
}

function alertOf(incident: MessageIncident, endsAt: number) {
  const { rule, route, target, severity, reason, since, link, id, is_drill } = incident
  const labels = {
    alertname: `Ringback_${rule}`,
    source: 'ringback',
    route,
    target,
    severity,
    drill: is_drill ? 'true' : '',
  }
  return {
    labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')), // empty ones are refused
    annotations: { summary: reason, incident: id },
    startsAt: new Date(since).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    ...(link !== undefined && { generatorURL: link }),
  }
}
