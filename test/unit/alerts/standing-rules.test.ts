import { describe, expect, it } from 'vitest'

import type { Standing } from '../../../src/alerts/standing-watch.ts'
import { standingOf } from '../../../src/assembly/standing.ts'
import { Reconciler } from '../../../src/reconcile/reconciler.ts'
import { AlertBench } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { callRecord, VobizStandIn } from '../../support/vobiz-stand-in.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('rules over how things stand', () => {
  it('fire for the ledger, the backlog, dead letters and certificates, and are over with them', async () => {
    await using file = await scratchFile()
    const clock = new HeldClock()
    const now = clock.wall()
    const well: Standing = {
      rescue: [],
      certificates: [],
      ledger: undefined,
      reconciliation: [],
    }
    let standing: Standing = {
      rescue: [{ route: 'calls', oldestAt: now - HOUR, dead: 2 }],
      certificates: [
        { route: 'calls', target: 'primary', origin: 'https://api.example.com', expiresAt: now + 24 * HOUR },
      ],
      ledger: { since: now - 20_000, until: undefined, problem: 'disk full' },
      reconciliation: [{ account: 'MA_TEST123', misfits: { no_callback: 3 }, isReadable: true }],
    }
    await using bench = await AlertBench.start({ file: file.path, clock, standing: () => standing })
    await bench.pass(10_000)
    expect(new Set(bench.engine.snapshot().map(({ rule }) => rule))).toEqual(
      new Set([
        'backlog_age',
        'dead_letters',
        'target_certificate_expiry',
        'ledger_unhealthy',
        'reconciliation',
      ]),
    )
    standing = {
      ...well,
      certificates: [
        {
          route: 'calls',
          target: 'primary',
          origin: 'https://api.example.com',
          expiresAt: now + 90 * 24 * HOUR,
        },
      ],
    }
    await bench.pass(30_000)
    expect(bench.engine.snapshot()).toEqual([])
    expect(bench.slack.kinds().filter((kind) => kind === 'resolved')).toHaveLength(5)
  })
})

describe('the rule over call records', () => {
  it('says nothing after a start until records were read, whatever an earlier process found', async () => {
    await using file = await scratchFile()
    await using api = await VobizStandIn.start()
    const clock = new HeldClock()
    const shared = { file: file.path, clock, streaks: new Map() }
    for (const id of ['a', 'b', 'c']) {
      const endedAt = clock.wall() - 20 * MINUTE
      api.records.push(callRecord(id, { startedAt: endedAt - 10_000, endedAt }))
    }
    {
      const reconciler = reconcilerOf(api, clock)
      await using bench = await AlertBench.start({ ...shared, standing: () => standingWith(reconciler) })
      await reconciler.run()
      await bench.pass(10_000)
      expect(bench.slack.kinds()).toEqual(['firing'])
    }
    const reconciler = reconcilerOf(api, clock)
    await using bench = await AlertBench.start({ ...shared, standing: () => standingWith(reconciler) })
    await bench.pass(10_000)
    await reconciler.run()
    await bench.pass(10_000)
    expect(bench.slack.kinds()).toEqual([])
    api.records.length = 0
    await reconciler.run()
    await bench.pass(10_000)
    expect(bench.slack.kinds()).toEqual(['resolved'])
  })
})

/** Of an account none of whose calls has a callback. */
function reconcilerOf(api: VobizStandIn, clock: HeldClock): Reconciler {
  return new Reconciler({
    clock,
    settings: () => ({
      apiBase: api.origin,
      everyMs: 15 * MINUTE,
      lookbackMs: 2 * HOUR,
      settleMs: 10 * MINUTE,
      numbers: [],
      contexts: [],
      accounts: [{ id: 'MA_TEST123', authToken: VobizStandIn.token }],
    }),
    fetch: () => fetch,
    callbacksOf: () => Promise.resolve([]),
    firstSeenAt: () => Promise.resolve(0),
    onRead: () => undefined,
  })
}

function standingWith(reconciler: Reconciler): Standing {
  return { ...standingOf({ rescue: { lengths: () => [] }, targets: [], reconciler }), ledger: undefined }
}
