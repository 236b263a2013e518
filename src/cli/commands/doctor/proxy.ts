import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { CallbackRow, Page, StatusView } from '../../../admin/api.ts'
import type { Config } from '../../../config/schema.ts'
import { reasonOf } from '../../../errors.ts'
import type { AdminClient } from '../../client.ts'
import type { Finding } from './finding.ts'

const TIMEOUT_MS = 5000
const LOOKS = 20
const LOOK_EVERY_MS = 50
const PRIVATE = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1$|f[cd])/i

/**
 * Sends one request that nobody takes through `public_url` and looks at how it arrived: whether it leads here, whether
 * a proxy on the way keeps the path as it is, and whether the address of the caller comes through.
 */
export async function checkPublicUrl(config: Config, admin: AdminClient): Promise<Finding> {
  const name = 'public URL'
  // What the daemon itself takes for its address; the file may have changed since, or be another one.
  const { public_url: base } = await admin.get<StatusView>('/api/v1/status')
  if (base === null) {
    const remedy = 'Set public_url: Vobiz needs it, and URL signatures are checked against it.'
    return { name, state: 'doubtful', detail: 'public_url is not set', remedy }
  }
  const mark = randomBytes(6).toString('hex')
  // An escape and a double slash: what proxies like to tidy up, and what a signature over the URL does not survive.
  const path = `/ringback-doctor-${mark}/a%2Fb//c/`
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    await fetch(base.replace(/\/+$/, '') + path, { method: 'POST', redirect: 'manual', signal })
  } catch (error) {
    const cause = reasonOf(error)
    const detail = `${base} cannot be reached from here: ${cause}`
    const remedy = 'If it is reached from outside, all is well. Else mend DNS, certificate or proxy.'
    return { name, state: 'doubtful', detail, remedy }
  }
  const row = await arrival(admin, mark)
  if (row === undefined) {
    const remedy = 'Something else answers there: point the proxy or DNS at the public port.'
    return { name, state: 'bad', detail: `${base} answers, but its requests do not arrive here`, remedy }
  }
  return judged(base, row, { path, trusted: config.trusted_proxies })
}

async function arrival(admin: AdminClient, mark: string): Promise<CallbackRow | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const query = { result: 'rejected', since: '1m', limit: 200 }
    const { rows } = await admin.get<Page<CallbackRow>>('/api/v1/callbacks', query)
    const found = rows.find((row) => row.path.includes(mark))
    if (found !== undefined) return found
    await sleep(LOOK_EVERY_MS)
  }
  return undefined
}

function judged(
  base: string,
  { path: arrived, peer }: CallbackRow,
  { path, trusted }: { readonly path: string; readonly trusted: readonly string[] },
): Finding {
  const name = 'public URL'
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  if (arrived !== path && arrived !== prefix + path) {
    const detail = `a proxy before Ringback rewrites paths: ${path} arrives as ${arrived}`
    const remedy = 'Let it pass the path on as it came, or signatures over the URL fail.'
    return { name, state: 'bad', detail, remedy }
  }
  const isLocal = /^(?:localhost|127\.|\[::1\])/.test(new URL(base).hostname)
  if (!isLocal && trusted.length === 0 && PRIVATE.test(peer)) {
    const detail = `${base} arrives here, and every caller seems to be ${peer}`
    const remedy = `A proxy is before Ringback: set trusted_proxies: [${peer}], so that the real address is known.`
    return { name, state: 'doubtful', detail, remedy }
  }
  return { name, state: 'good', detail: `${base} arrives here, paths unchanged`, remedy: '' }
}
