import { expect, it } from 'vitest'

import { BoundsRig, callbackOf } from '../../support/bounds-rig.ts'
import { Crowd } from '../../support/crowd.ts'
import { waitFor } from '../../support/wait-for.ts'

const IN_A_ROW = 20_000

/** Sixty callbacks of one client, as one piece. */
function rowOf(member: number): Buffer {
  return Buffer.concat(Array.from({ length: 60 }, (_, i) => callbackOf(`row-${member}-${i}`)))
}

it.each([
  ['no route takes', 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  [
    'are taken',
    'GET /calls/?CallUUID=1 HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n',
  ],
])('thousands of requests in a row that %s end after a few, and callbacks go on', async (_what, one) => {
  await using rig = await BoundsRig.start()
  await rig.untilServed()
  const before = rig.rssMiB()

  using crowd = await Crowd.open({ port: rig.port, count: 200, sends: one.repeat(IN_A_ROW), reads: false })
  expect((await rig.callback())?.status).toBe(200)
  await waitFor('the refusal of each', async () => Number((await rig.verdicts())['overloaded']) >= 200)
  expect((await rig.callback())?.status).toBe(200)
  const { unchecked = 0, unknown_path: unknown = 0 } = await rig.verdicts()
  expect(unchecked + unknown).toBeLessThan(200 * 20)
  expect(rig.rssMiB() - before).toBeLessThan(200)
  crowd[Symbol.dispose]()
  expect((await rig.callback())?.status).toBe(200)
})

it('who sends callbacks in a row and reads no answer is served one at a time, until its answers are not taken any more', async () => {
  await using rig = await BoundsRig.start({ handler: () => ({ body: Buffer.alloc(1_000_000) }) })
  await rig.untilServed()
  const before = rig.rssMiB()

  using crowd = await Crowd.open({ port: rig.port, count: 10, sends: rowOf, reads: false })
  await waitFor('callbacks of each', () => rig.handler.requests.length > 20)
  const stalled = await waitFor('the end of reading', async () => {
    const seen = rig.handler.requests.length
    for (let i = 0; i < 5; i++) expect((await rig.callback())?.status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return rig.handler.requests.length === seen + 5 && seen
  })
  expect(stalled).toBeLessThan(10 * 30)
  expect(crowd.open).toBe(10)
  expect(rig.rssMiB() - before).toBeLessThan(200)
})
