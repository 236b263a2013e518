import { expect, it } from 'vitest'

import { BoundsRig, callbackOf } from '../../support/bounds-rig.ts'
import { Crowd } from '../../support/crowd.ts'
import { behaviours } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

const COUNT = 1_500

it('a handler that hangs at full load: callbacks beyond max_in_flight are told 503', async () => {
  await using rig = await BoundsRig.start({
    handler: behaviours.hang,
    defaults: 'max_in_flight: 100, deadline: 1500ms, on_failure: relay',
  })
  const before = rig.rssMiB()
  using crowd = await Crowd.open({ port: rig.port, count: COUNT, sends: (i) => callbackOf(`outage-${i}`) })
  const told = await answersOf(crowd)
  expect((told[502] ?? 0) + (told[503] ?? 0) + (told[504] ?? 0)).toBe(COUNT)
  expect(told[503]).toBeGreaterThanOrEqual(1)
  expect(crowd.textOf(503)).toMatch(/\r\nRetry-After: 1\r\n[^]*"title":"too many callbacks are under way"/)
  expect((await rig.verdicts())['overloaded']).toBe(told[503])
  const rows = await waitFor('rows', async () => {
    const seen = await rig.refusals()
    return seen.length === Math.min(1000, told[503] ?? 0) && seen
  })
  expect(
    new Set(rows.map(({ reason, route, answer_status: status }) => `${reason} ${route} ${status}`)),
  ).toEqual(new Set(['overloaded calls 503']))
  rig.handler.behave(behaviours.ok)
  await rig.untilServed()
  expect(rig.rssMiB() - before).toBeLessThan(150)
})

it('a backlog at its limit is told 503 to the provider, named in the ledger, and counted; what waits is delivered', async () => {
  await using rig = await BoundsRig.start({
    handler: () => behaviours.status(500),
    top: 'rescue: { max_rows: 200, schedule: [500ms, 500ms, 500ms, 500ms, 500ms] }',
  })
  const answers = await Promise.all(Array.from({ length: 300 }, () => rig.callback()))
  const full = answers.filter((answer) => answer?.status === 503)
  expect(full).toHaveLength(100)
  expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(200)
  expect(full[0]?.body.toString()).toContain('too many callbacks wait for their handlers')
  rig.handler.behave(behaviours.ok)
  const metrics = await waitFor('the delivery of all that waited', async () => {
    const text = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
    return text.includes('ringback_deliveries_total{route="calls",result="delivered_late"} 200\n') && text
  })
  expect(metrics).toContain('ringback_deliveries_total{route="calls",result="failed"} 100\n')
  expect((await rig.callback())?.status).toBe(200)
})

it('1 MiB bodies while a handler hangs: those beyond max_in_flight_bytes are told 503, and memory is bounded', async () => {
  await using rig = await BoundsRig.start({
    handler: behaviours.hang,
    defaults: 'max_in_flight_bytes: 32MiB, deadline: 1500ms, on_failure: relay',
  })
  const before = rig.rssMiB()
  using crowd = await Crowd.open({
    port: rig.port,
    count: 300,
    sends: (i) => callbackOf(`large-${i}`, 1_000_000),
  })
  const told = await answersOf(crowd)
  expect(told[503]).toBeGreaterThanOrEqual(1)
  expect(crowd.textOf(503)).toMatch(/\r\nRetry-After: 1\r\n[^]*"title":"too many callbacks are under way"/)
  expect((await rig.verdicts())['overloaded']).toBeGreaterThanOrEqual(told[503] ?? 0)
  // Without a bound it would be 300 MB of bodies alone.
  expect(rig.rssMiB() - before).toBeLessThan(250)
  rig.handler.behave(behaviours.ok)
  await rig.untilServed()
})

it('bodies above max_body are told 413, however many come at once', async () => {
  await using rig = await BoundsRig.start()
  await rig.untilServed()
  const before = rig.rssMiB()
  using declared = await Crowd.open({ port: rig.port, count: 100, sends: callbackOf('large', 2 ** 20) })
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  const head = 'POST /calls/hook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
  using chunked = await Crowd.open({ port: rig.port, count: 30, sends: head + chunk.repeat(17) })
  await waitFor('their answers', () => declared.told()[413] === 100 && chunked.told()[413] === 30)
  expect(chunked.textOf(413)).toContain('"title":"the body is too large"')
  expect((await rig.verdicts())['too_large']).toBe(130)
  const rows = await waitFor('rows', async () => {
    const seen = await rig.refusals()
    return seen.length === 130 && seen
  })
  expect(
    rows.filter(({ reason, answer_status: status }) => reason === 'too_large' && status === 413),
  ).toHaveLength(130)
  expect((await rig.callback())?.status).toBe(200)
  expect(rig.rssMiB() - before).toBeLessThan(150)
})

/** What all were told; a slow machine takes a while for hundreds of megabytes. */
async function answersOf(crowd: Crowd): Promise<ReturnType<Crowd['told']>> {
  const toldAll = (): ReturnType<Crowd['told']> | false => {
    const told = crowd.told()
    return told.open === undefined && told
  }
  return waitFor('all answers', toldAll, 60_000)
}
