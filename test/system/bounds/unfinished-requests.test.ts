import { expect, it } from 'vitest'

import { BoundsRig } from '../../support/bounds-rig.ts'
import { Crowd } from '../../support/crowd.ts'
import { waitFor } from '../../support/wait-for.ts'

const HEAD = 'POST /calls/hook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

it.each([
  ['a head', HEAD],
  ['a short body', `${HEAD}Content-Length: 100\r\n\r\n{"half":`],
  ['chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n{"half":`],
])('5,200 requests that never finish %s: callbacks go on', { timeout: 40_000 }, async (_what, begun) => {
  await using rig = await BoundsRig.start()
  await rig.untilServed()
  const before = rig.rssMiB()

  using crowd = await Crowd.open({ port: rig.port, count: 5_200, sends: begun })
  await rig.untilServed()
  // Asked again every 20 ms, so for a second at most: not until their time is over.
  const { overloaded = 0 } = await rig.verdicts()
  expect(overloaded - (crowd.told()[503] ?? 0)).toBeLessThan(150)
  crowd.send('x') // a byte now and then keeps no place
  for (let i = 0; i < 20; i++) expect((await rig.callback())?.status).toBe(200)
  expect(crowd.open).toBeLessThanOrEqual(5_500)
  expect(rig.rssMiB() - before).toBeLessThan(200)

  const told = await waitFor('the end of those that made room', () => {
    const seen = crowd.told()
    return (seen[408] ?? 0) + (seen.closed ?? 0) >= 20 && seen
  })
  expect((await rig.verdicts())['overloaded']).toBeGreaterThanOrEqual(told[503] ?? 0)
  expect(rig.handler.requests.filter(({ body }) => body.includes('half'))).toEqual([])
  crowd[Symbol.dispose]()
  expect((await rig.callback())?.status).toBe(200)
})

it('large bodies that never finish are held up to a bound, and small callbacks do not feel it', async () => {
  await using rig = await BoundsRig.start({ defaults: 'max_in_flight_bytes: 32MiB' })
  await rig.untilServed()
  const before = rig.rssMiB()

  const most = Buffer.alloc(1_000_000, 'x')
  const begun = Buffer.concat([Buffer.from(`${HEAD}Content-Length: ${2 ** 20}\r\n\r\n`), most])
  using crowd = await Crowd.open({ port: rig.port, count: 300, sends: begun })
  await waitFor('the bound', () => (crowd.told()[503] ?? 0) + (crowd.told().closed ?? 0) >= 280)
  expect(crowd.textOf(503)).toMatch(/\r\nRetry-After: 1\r\n[^]*"title":"too many callbacks are under way"/)
  expect((await rig.callback())?.status).toBe(200)
  expect((await rig.verdicts())['overloaded']).toBeGreaterThanOrEqual(280)
  expect(rig.rssMiB() - before).toBeLessThan(150)
  crowd[Symbol.dispose]()
  expect((await rig.callback())?.status).toBe(200)
})
