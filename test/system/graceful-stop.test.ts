import { describe, expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/admin/api.ts'
import { AccountRig } from '../support/account-rig.ts'
import { behaviours } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

describe('a stop', () => {
  it('turns readiness off, finishes what is under way, keeps its rows and ends with 0', async () => {
    await using rig = await AccountRig.start()
    rig.handler.behave(behaviours.after(600, { body: 'finished' }))
    const underWay = rig.post({ call_id: 'under-way' })
    await rig.handler.seen(1)
    const { adminUrl } = rig.ringback
    const stopped = rig.ringback.stop()
    const ready = await waitFor('readiness to be off', async () => {
      const response = await fetch(`${adminUrl}/readyz`)
      return response.status === 503 && response.text()
    })
    expect(ready).toContain('stopping')
    expect(await underWay).toMatchObject({ status: 200, text: 'finished' })
    expect(await stopped).toBe(0)

    await rig.startAgain()
    const { rows } = await rig.get<Page<CallbackRow>>('/api/v1/callbacks')
    expect(rows.map(({ call_id, result }) => [call_id, result])).toEqual([['under-way', 'delivered']])
  })

  it('ends at once on a second signal', async () => {
    await using rig = await AccountRig.start()
    rig.handler.behave(behaviours.hang)
    const cut = rig.post({ call_id: 'cut-off' }).catch(() => 'cut')
    await rig.handler.seen(1)
    const startedAt = performance.now()
    const stopped = rig.ringback.stop()
    await waitFor('the stop to begin', () => rig.ringback.logs().includes('a second signal ends at once'))
    process.kill(rig.ringback.pid, 'SIGTERM')
    expect(await stopped).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(await cut).toBe('cut')
  })
})
