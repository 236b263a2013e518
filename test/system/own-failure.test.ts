import { expect, it } from 'vitest'

import { AccountRig } from '../support/account-rig.ts'
import { waitFor } from '../support/wait-for.ts'

it('an error that nobody foresaw ends the process with a fatal line and code 70', async () => {
  // A fault of Node itself, put in from outside: the timers of the process begin to throw.
  const fault = `
    process.on('SIGUSR2', () => { throw new TypeError('planted for this test') })`
  await using rig = await AccountRig.start({
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` },
  })
  expect(await rig.post({ call_id: 'before' })).toMatchObject({ status: 200 })
  process.kill(rig.ringback.pid, 'SIGUSR2')
  await waitFor('the end of the process', () => rig.ringback.hasExited())
  expect(await rig.ringback.stop()).toBe(70)
  const fatal = rig.ringback
    .logs()
    .split('\n')
    .filter((line) => line.includes('"level":60'))
  expect(fatal).toHaveLength(1)
  expect(JSON.parse(fatal[0] ?? '')).toMatchObject({
    msg: 'an error of our own; the process ends',
    err: { type: 'TypeError', message: 'planted for this test' },
  })
  await rig.startAgain()
  expect(await rig.post({ call_id: 'after' })).toMatchObject({ status: 200 })
})
