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
    defaults: 'max_reply: 1MiB, on_failure: relay',
  })
  const before = rig.rssMiB()
  using crowd = await Crowd.open({ port: rig.port, count: COUNT, sends: (i) => callbackOf(`endless-${i}`) })
  const told = await waitFor('all answers', () => crowd.told().open === undefined && crowd.told())
  expect((told[502] ?? 0) + (told[504] ?? 0)).toBe(COUNT)
  const metrics = await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()
  expect(metrics).toMatch(
    /^ringback_delivery_attempts_total\{route="calls",target="primary",outcome="too_large"\} \d/m,
  )
  rig.handler.behave(() => ({ body: 'ok' }))
  await rig.untilServed()
  await waitFor('memory as before', () => rig.rssMiB() - before < 500)
  expect(rig.handler.sockets.size).toBeLessThan(COUNT)
})
