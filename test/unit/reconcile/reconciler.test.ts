import { describe, expect, it } from 'vitest'

import type { KnownCallback } from '../../../src/reconcile/judge-call.ts'
import { Reconciler, type ReconcileSettings } from '../../../src/reconcile/reconciler.ts'
import type { AccountReport } from '../../../src/reconcile/report.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { reconcileSettings } from '../../support/reconcile-settings.ts'
import { callRecord, VobizStandIn } from '../../support/vobiz-stand-in.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ended: readonly KnownCallback[] = ['StartApp', 'Hangup'].map((event) => ({
  id: event,
  event,
  kind: event === 'Hangup' ? 'notify' : 'xml',
  answer_status: 200,
}))

/** A reconciler over a real stand-in of the API and a ledger that is a map. */
async function start(more: Partial<ReconcileSettings> = {}) {
  const api = await VobizStandIn.start()
  const clock = new HeldClock()
  const ledger = new Map<string, readonly KnownCallback[]>()
  const reports: AccountReport[] = []
  const state = {
    firstSeenAt: 0 as number | undefined,
    settings: { ...reconcileSettings(api), ...more } as ReconcileSettings | undefined,
  }
  const reconciler = new Reconciler({
    clock,
    settings: () => state.settings,
    fetch: () => fetch,
    callbacksOf: (callId) => Promise.resolve(ledger.get(callId) ?? []),
    firstSeenAt: () => Promise.resolve(state.firstSeenAt),
    onRead: (report) => reports.push(report),
  })
  const call = (id: string, minutesAgo: number, fields: Readonly<Record<string, unknown>> = {}): void => {
    const endedAt = clock.wall() - minutesAgo * MINUTE
    api.records.push(callRecord(id, { startedAt: endedAt - 10_000, endedAt, ...fields }))
  }
  return {
    api,
    clock,
    ledger,
    reports,
    state,
    reconciler,
    call,
    async [Symbol.asyncDispose]() {
      await reconciler.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

const found = (reconciler: Reconciler) =>
  reconciler.report().findings.map(({ call_id, finding }) => `${call_id} ${finding}`)

describe('reconciliation', () => {
  it('reads every page of the window and reports exactly the calls that do not fit', async () => {
    await using rig = await start()
    for (let n = 0; n < 230; n++) {
      rig.call(`fits-${n}`, 20 + n / 3)
      rig.ledger.set(`fits-${n}`, ended)
    }
    rig.call('lost', 30)
    rig.call('cut', 40)
    rig.ledger.set('cut', ended.slice(0, 1))
    rig.call('blamed', 95, { hangup_cause_code: 8011, hangup_cause_name: 'Invalid Answer XML' })
    rig.ledger.set('blamed', ended)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual(['lost no_callback', 'cut no_end', 'blamed answer_blamed'])
    expect(rig.reports.at(-1)).toMatchObject({
      account: 'MA_TEST123',
      problem: '',
      calls: { ok: 230, no_callback: 1, no_end: 1, step_missing: 0, answer_blamed: 1 },
      is_complete: true,
    })
    expect(rig.api.requests.map(({ target }) => /page=\d+/.exec(target)?.[0])).toEqual([
      'page=1',
      'page=2',
      'page=3',
    ])
    const [request] = rig.api.requests
    expect(request?.target).toMatch(
      /^\/api\/v1\/Account\/MA_TEST123\/cdr\?start_date=\d{4}-\d\d-\d\d&end_date=\d{4}-\d\d-\d\d&page=1&per_page=100$/,
    )
  })

  it('leaves out calls that ended a moment ago, before the window, or before Ringback was there', async () => {
    await using rig = await start()
    rig.state.firstSeenAt = rig.clock.wall() - HOUR
    rig.call('just-ended', 5)
    rig.call('long-ago', 200)
    rig.call('before-ringback', 70)
    rig.call('lost', 50)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual(['lost no_callback'])
  })

  it('judges calls of an account that never sent anything from the moment it is watched', async () => {
    await using rig = await start()
    rig.state.firstSeenAt = undefined
    rig.call('before', 20)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual([])
    rig.clock.advance(HOUR)
    rig.call('after', 20)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual(['after no_callback'])
  })

  it('takes the second leg of a call that it knows for no call of its own', async () => {
    await using rig = await start()
    rig.call('leg-a', 20, { bridge_uuid: 'leg-b' })
    rig.call('leg-b', 20, { bridge_uuid: 'leg-a' })
    rig.ledger.set('leg-a', ended)
    await rig.reconciler.run()
    expect(rig.reports.at(-1)?.calls).toMatchObject({ ok: 1, no_callback: 0 })
  })

  it('compares only the numbers and contexts it is told to', async () => {
    await using rig = await start({ numbers: ['918065480214'], contexts: ['voice-api'] })
    rig.call('ours', 20)
    rig.call('other-number', 20, { destination_number: '+911111111111' })
    rig.call('other-context', 20, { context: 'sip-trunking' })
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual(['ours no_callback'])
  })

  it('takes back what it reported once the callbacks are there, and what has left the window', async () => {
    await using rig = await start()
    rig.call('late', 20)
    rig.call('lost', 20)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toHaveLength(2)
    rig.ledger.set('late', ended)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual(['lost no_callback'])
    rig.clock.advance(3 * HOUR)
    await rig.reconciler.run()
    expect(found(rig.reconciler)).toEqual([])
  })

  it('runs when it is due, tries again a minute after a failure, and keeps what it knew meanwhile', async () => {
    await using rig = await start()
    rig.call('lost', 20)
    const pass = async (ms: number): Promise<void> => {
      rig.clock.advance(ms)
      const before = rig.reports.length
      rig.reconciler.tick()
      rig.reconciler.tick() // one at a time
      for (let n = 0; n < 100 && rig.reports.length === before; n++)
        await new Promise((done) => setTimeout(done, 5))
    }
    await pass(0)
    expect(rig.reports).toHaveLength(1)
    rig.api.intercept = (_, response) => {
      response.writeHead(500).end()
      return true
    }
    await pass(15 * MINUTE)
    expect(rig.reports).toHaveLength(2)
    expect(rig.reports[1]).toMatchObject({ problem: 'the API answered 500', calls: { no_callback: 1 } })
    expect(found(rig.reconciler)).toEqual(['lost no_callback'])
    rig.api.intercept = undefined
    await pass(MINUTE)
    expect(rig.reports[2]).toMatchObject({ problem: '' })
    rig.clock.advance(MINUTE)
    rig.reconciler.tick()
    expect(rig.api.requests).toHaveLength(3)
  })

  it('reads as often as a reload says, though the next time was set before', async () => {
    await using rig = await start({ everyMs: 24 * HOUR })
    await rig.reconciler.run()
    rig.clock.advance(5 * MINUTE)
    rig.reconciler.tick()
    expect(rig.api.requests).toHaveLength(1)
    if (rig.state.settings !== undefined) rig.state.settings = { ...rig.state.settings, everyMs: 5 * MINUTE }
    rig.reconciler.tick()
    await expect.poll(() => rig.reports.length).toBe(2)
  })

  it('names every account from the start, and says that it was not read yet', async () => {
    await using rig = await start()
    expect(rig.reconciler.report().accounts).toMatchObject([
      { account: 'MA_TEST123', ran_at: null, succeeded_at: null, problem: '' },
    ])
    await rig.reconciler.run()
    expect(rig.reconciler.report().accounts).toMatchObject([{ succeeded_at: rig.clock.wall() }])
  })

  it('says what is wrong with credentials, and never says the credentials', async () => {
    await using rig = await start({ accounts: [{ id: 'MA_TEST123', authToken: 'wrong-token-0123456789' }] })
    await rig.reconciler.run()
    const [report] = rig.reports
    expect(report?.problem).toContain('401: check that id and auth_token')
    expect(JSON.stringify(rig.reconciler.report())).not.toContain('wrong-token')
  })

  it('holds no phone number of a record in what it reports', async () => {
    await using rig = await start()
    rig.call('lost', 20)
    await rig.reconciler.run()
    expect(JSON.stringify(rig.reconciler.report())).not.toMatch(/14155551234|918065480214/)
  })

  it('forgets an account that is no longer reconciled', async () => {
    await using rig = await start()
    rig.call('lost', 20)
    await rig.reconciler.run()
    rig.state.settings = undefined
    rig.reconciler.tick()
    expect(rig.reconciler.report()).toEqual({ is_configured: false, accounts: [], findings: [] })
  })
})
