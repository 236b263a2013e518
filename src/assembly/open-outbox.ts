import { digestMessage } from '../alerts/messages/digest-message.ts'
import { outboxChannels, type Outside } from './channels.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { Outbox } from '../notify/outbox.ts'
import type { OpenLedger } from './open-ledger.ts'

/** The outbox with the channels that the configuration names, taking up what an earlier process left in it. */
export async function openOutbox(
  notify: Config['notify'],
  parts: {
    readonly clock: Clock
    readonly outside: Outside
    readonly ledger: OpenLedger
    readonly metrics: Metrics
    readonly log: Log['pino']
  },
): Promise<Outbox> {
  const { clock, outside, ledger, metrics, log } = parts
  const outbox = new Outbox({
    ...outboxChannels(notify, outside, log),
    digestOf: digestMessage,
    clock,
    random: Math.random,
    store: ledger.alerts,
    onResult: ({ channel, kind, result, seconds, problem }) => {
      metrics.notified(channel, kind, result, seconds)
      if (problem !== '') log.warn({ channel, kind, result, problem }, 'notification not delivered')
    },
    onProblem: (error) => log.warn({ part: 'outbox', err: error }, 'a part failed; going on'),
  })
  // Where replicas share the ledger another one may be sending: whoever takes the lead begins; see follow-replicas.ts.
  if (ledger.sharing === undefined) await outbox.start()
  return outbox
}
