import { expect, it } from 'vitest'

import { BoundsRig, callbackOf } from '../../support/bounds-rig.ts'
import { Crowd } from '../../support/crowd.ts'
import { waitFor } from '../../support/wait-for.ts'

const COUNT = 300

it('replies without an end are cut at max_reply, named too_large, and held by nobody', async () => {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')])
  await using rig = await BoundsRig.start({
    handler: (_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', more)
      more()
    },
    defaults: 'max_reply: 1MiB, on_failure: relay, deadline: 10s',
    top: 'breaker: { after_failures: 1000 }',
  })
  const before = rig.rssMiB()
  using crowd = await Crowd.open({ port: rig.port, count: COUNT, sends: (i) => callbackOf(`endless-${i}`) })
  const told = await waitFor('all answers', () => crowd.told().open === undefined && crowd.told())
  expect(told).toEqual({ 502: COUNT })
  const metrics = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
  const attempts = metrics.matchAll(/^ringback_delivery_attempts_total\{.*outcome="(\w+)"\} ([1-9]\d*)$/gm)
  expect([...attempts].map(([, outcome, count]) => [outcome, count])).toEqual([['too_large', `${COUNT}`]])
  await waitFor('the end of every reply', () => rig.handler.sockets.size === 0)
  rig.handler.behave(() => ({ body: 'ok' }))
  await rig.untilServed()
  await waitFor('memory as before', () => rig.rssMiB() - before < 500)
})
