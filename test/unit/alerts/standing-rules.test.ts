import { describe, expect, it } from 'vitest'

import type { Standing } from '../../../src/alerts/standing-watch.ts'
import { standingOf } from '../../../src/assembly/standing.ts'
import type { Route } from '../../../src/callback/route.ts'
import { Reconciler } from '../../../src/reconcile/reconciler.ts'
import { aRoute, aTarget } from '../../support/alert-builders.ts'
import { AlertBench, settings } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { reconcileSettings } from '../../support/reconcile-settings.ts'
import { callRecord, VobizStandIn } from '../../support/vobiz-stand-in.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const well: Standing = { rescue: [], certificates: [], ledger: undefined, reconciliation: [] }

describe('rules over how things stand', () => {
  it('fire for the ledger, the backlog, dead letters and certificates, and are over with them', async () => {
    await using file = await scratchFile()
    const clock = new HeldClock()
    const now = clock.wall()
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

describe('the rule over certificates', () => {
  it.each(['http://10.0.0.5/hook', 'https://other.example.com/hook'])(
    'is over when its target moves to %s, and says so',
    async (url) => {
      await using file = await scratchFile()
      const clock = new HeldClock()
      const expiring = { route: 'calls', target: 'primary', expiresAt: clock.wall() + 24 * HOUR } as const
      let certificates: Standing['certificates'] = [{ ...expiring, origin: 'https://old.example.com' }]
      await using bench = await AlertBench.start({
        file: file.path,
        clock,
        routes: [at('https://old.example.com/hook')],
        standing: () => ({ ...well, certificates }),
      })
      await bench.run('http_5xx', 'http_5xx')
      await bench.pass(6000)
      bench.engine.configure([at('https://old.example.com/elsewhere')], settings)
      await bench.pass(6000)
      expect(bench.slack.kinds()).toEqual(['firing'])
      certificates = [{ ...expiring, origin: new URL(url).origin, expiresAt: undefined }]
      bench.engine.configure([at(url)], settings)
      await bench.pass(6000)
      expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
      expect(bench.slack.accepted[1]?.text).toContain('The target leads to another server')
      // Nobody asked for its streak to be forgotten.
      await bench.run('http_5xx')
      expect(bench.slack.kinds()).toEqual(['firing', 'resolved', 'firing'])
    },
  )
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

function at(url: string): Route {
  return aRoute('calls', aTarget('primary', url))
}

/** Of an account none of whose calls has a callback. */
function reconcilerOf(api: VobizStandIn, clock: HeldClock): Reconciler {
  return new Reconciler({
    clock,
    settings: () => reconcileSettings(api),
    fetch: () => fetch,
    callbacksOf: () => Promise.resolve([]),
    firstSeenAt: () => Promise.resolve(0),
    onRead: () => undefined,
  })
}

function standingWith(reconciler: Reconciler): Standing {
  return { ...standingOf({ rescue: { lengths: () => [] }, targets: [], reconciler }), ledger: undefined }
}
