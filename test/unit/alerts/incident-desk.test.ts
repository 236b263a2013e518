import { describe, expect, it } from 'vitest'

import { IncidentDesk } from '../../../src/alerts/incidents/incident-desk.ts'
import { settings } from '../../support/alert-bench.ts'
import { anIncident } from '../../support/alert-builders.ts'
import { openStore, openTables } from '../../support/alert-tables.ts'

/** A desk over a store that can be made to take nothing, with what reached the store. */
async function deskOverStore(...ids: string[]) {
  const taken: string[] = []
  const disk = { isFull: false }
  const store = openStore(openTables(), (step) => {
    if (disk.isFull && step.startsWith('before')) throw new Error('database or disk is full')
    if (/^after (note|remind|close|ack)/.test(step)) taken.push(step.slice('after '.length))
  })
  const desk = new IncidentDesk(
    {
      store,
      isSkipped: () => undefined,
      onNotifications: () => undefined,
      onUnstored: () => undefined,
      onProblem: () => undefined,
    },
    settings,
  )
  for (const id of ids) desk.open(anIncident({ id, route: id }), [], ['slack'])
  await desk.idle()
  return {
    desk,
    store,
    disk,
    taken,
    async pass(seconds: number, each: (second: number) => void): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        each(second)
        desk.tick(second * 1000)
        await desk.idle()
      }
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  }
}

describe('while the ledger cannot be written', () => {
  it('findings of an incident gather in one step, and none of its callbacks is lost', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `i${n}`)
    using under = await deskOverStore(...ids)
    under.disk.isFull = true
    await under.pass(60, (second) => {
      for (const id of ids) {
        under.desk.note(id, { ...anIncident(), value: second }, [`${id}-${second}`])
      }
    })
    expect(under.desk.waiting).toBeLessThanOrEqual(ids.length + 1)
    for (const id of ids) under.desk.close(id, 60_000, 'recovered')
    under.disk.isFull = false
    await under.pass(1, () => undefined)
    expect(under.desk.waiting).toBe(0)
    for (const incident of await under.store.incidents({ limit: 100 })) {
      expect(incident).toMatchObject({ value: 59, callbacks: 60, close_reason: 'recovered' })
    }
  })

  it('findings stay behind the reminder that they follow', async () => {
    using under = await deskOverStore('i')
    under.disk.isFull = true
    const note = (value: number) => under.desk.note('i', { ...anIncident(), value }, [])
    await under.pass(1, () => note(1))
    await under.pass(1, () => note(2))
    under.desk.remind('i', { number: 1, at: 0, channels: ['slack'] })
    await under.pass(2, note)
    under.disk.isFull = false
    await under.pass(1, () => undefined)
    expect(under.taken).toEqual(['noteIncident', 'noteIncident', 'remindIncident', 'noteIncident'])
  })
})
