import { setTimeout as sleep } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { BoundsRig, callbackOf } from '../../support/bounds-rig.ts'
import { Crowd } from '../../support/crowd.ts'
import { RawClient } from '../../support/raw-http.ts'
import { waitFor } from '../../support/wait-for.ts'

const CONNECTIONS = 5_000

it('8,000 connections that say nothing: 5,000 stay, the others are told 503 or make room, and callbacks go on', async () => {
  // The handler is in the process of the crowd, which may keep it from answering for a while.
  await using rig = await BoundsRig.start({ defaults: 'deadline: 10s' })
  await rig.untilServed()
  const before = rig.rssMiB()

  await using kept = await RawClient.open(rig.port)
  const state = { isOver: false }
  const goesOn = (async () => {
    const statuses = new Set<number | undefined>()
    for (let i = 0; !state.isOver; i++) {
      statuses.add((await kept.send(callbackOf(`kept-${i}`)).read())?.status)
      await sleep(20)
    }
    return statuses
  })()
  // Older than any of the crowd and than the second in which nobody makes room: it stays for its callbacks alone.
  await sleep(1_200)
  using crowd = await Crowd.open({ port: rig.port, count: 8_000 })
  await rig.untilServed()
  state.isOver = true
  expect(await goesOn).toEqual(new Set([200]))
  expect((await rig.callback())?.status).toBe(200)
  await waitFor('the bound', () => crowd.open <= CONNECTIONS)
  const { 503: refused = 0, 408: late = 0, closed = 0 } = crowd.told()
  expect(refused + late + closed).toBeGreaterThanOrEqual(8_000 - CONNECTIONS)
  expect((await rig.verdicts())['overloaded']).toBeGreaterThanOrEqual(refused)
  expect(rig.rssMiB() - before).toBeLessThan(150)

  crowd[Symbol.dispose]()
  expect((await rig.callback())?.status).toBe(200)
  expect(rig.rssMiB() - before).toBeLessThan(150)
})

it('while all 5,000 connections wait for their answers, the next one is told 503, and who waits is answered', async () => {
  const held = Promise.withResolvers<void>()
  await using rig = await BoundsRig.start({
    handler: async () => {
      await held.promise
      return { body: 'at last' }
    },
    defaults: 'max_in_flight: 6000, deadline: 60s',
  })
  using crowd = await Crowd.open({
    port: rig.port,
    count: CONNECTIONS,
    sends: (i) => callbackOf(`held-${i}`),
  })
  await waitFor('callbacks under way', async () => (await rig.verdicts())['unchecked'] === CONNECTIONS)
  const { status, body } = (await rig.callback()) ?? {}
  expect([status, body?.toString()]).toEqual([503, expect.stringContaining('too many connections are open')])
  held.resolve()
  await waitFor('their answers', () => crowd.told()[200] === CONNECTIONS)
  expect((await rig.verdicts())['overloaded']).toBe(1)
  expect(await rig.refusals()).toMatchObject([{ reason: 'overloaded', answer_status: 503 }])
})
