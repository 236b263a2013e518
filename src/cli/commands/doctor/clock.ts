import type { Config } from '../../../config/schema.ts'
import type { Clock } from '../../../clock.ts'
import { spanText } from '../../words.ts'
import type { Finding } from './finding.ts'

const TIMEOUT_MS = 5000
/** The Date header counts whole seconds, and the answer was under way. */
const NOTICED_MS = 5_000
/** Signatures with a timestamp are refused from five minutes on. */
const HARMFUL_MS = 60_000

/** Compares our clock with the `Date` of a server that is asked anyway: the provider's API, or where Slack is. */
export async function checkClock(config: Config, clock: Clock): Promise<Finding> {
  const name = 'clock'
  const hosts = [config.capture?.api_base, config.notify.slack?.webhook_url.reveal()]
  const origins = new Set(hosts.flatMap((url) => (url === undefined ? [] : [new URL(url).origin])))
  for (const origin of origins) {
    const offMs = await offsetFrom(origin, clock)
    if (offMs === undefined) continue
    const size = Math.abs(offMs)
    const way = offMs > 0 ? 'ahead of' : 'behind'
    if (size < NOTICED_MS) return { name, state: 'good', detail: `agrees with ${origin}`, remedy: '' }
    const detail = `is ${spanText(size)} ${way} ${origin}`
    const remedy =
      'Keep it by NTP (chrony, systemd-timesyncd): signatures with a timestamp fail from 5 minutes on.'
    return { name, state: size < HARMFUL_MS ? 'doubtful' : 'bad', detail, remedy }
  }
  const remedy = 'Look at it yourself: timedatectl'
  return { name, state: 'doubtful', detail: 'no server could be asked for the time', remedy }
}

/** How far our clock is ahead, milliseconds; undefined when the server did not say its time. */
async function offsetFrom(origin: string, clock: Clock): Promise<number | undefined> {
  try {
    const before = clock.wall()
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const { headers } = await fetch(origin, { method: 'HEAD', redirect: 'manual', signal })
    const theirs = Date.parse(headers.get('date') ?? '')
    return Number.isNaN(theirs) ? undefined : (before + clock.wall()) / 2 - (theirs + 500)
  } catch {
    return undefined
  }
}
