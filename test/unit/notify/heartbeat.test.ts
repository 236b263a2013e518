import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { Heartbeat } from '../../../src/notify/heartbeat.ts'
import { startTarget, behaviours } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

describe('the heartbeat', () => {
  it('is called while all is well, as often as it should be, and says once what keeps it', async () => {
    await using target = await startTarget()
    const said: string[] = []
    const url = `${target.origin}/ping/SeCrEt`
    const heartbeat = new Heartbeat({
      url,
      everyMs: 60_000,
      fetch,
      onChange: (problem) => said.push(problem),
    })
    for (let second = 0; second < 180; second++) heartbeat.tick(second * 1000, '')
    await waitFor('three calls', () => target.requests.length === 3)
    expect(target.requests[0]?.method).toBe('GET')
    for (let second = 180; second < 300; second++)
      heartbeat.tick(second * 1000, 'the ledger cannot be written')
    await sleep(20)
    expect(target.requests).toHaveLength(3)
    target.behave(() => behaviours.status(500))
    heartbeat.tick(300_000, '')
    await waitFor('the failure', () => said.includes('its URL answered 500'))
    target.behave(behaviours.ok)
    heartbeat.tick(360_000, '')
    await waitFor('the end of it', () => said.at(-1) === '')
    expect(said).toEqual(['held back: the ledger cannot be written', 'its URL answered 500', ''])
  })

  it('never names its URL, also when nothing answers there', async () => {
    const said: string[] = []
    const url = 'http://127.0.0.1:1/ping/SeCrEt'
    new Heartbeat({ url, everyMs: 1000, fetch, onChange: (problem) => said.push(problem) }).tick(0, '')
    await waitFor('the failure', () => said.length > 0)
    expect(said).toEqual(['its URL cannot be reached'])
  })
})
