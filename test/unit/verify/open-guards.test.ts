import { createHash } from 'node:crypto'

import { expect, onTestFinished, test } from 'vitest'

import { openGuards } from '../../../src/assembly/open-guards.ts'
import { identityOfContent } from '../../../src/verify/content-hash.ts'
import { identityOfSignature } from '../../../src/verify/guard-key.ts'
import { sampleDelivery, sampleExchange } from '../../contract/ledger-samples.ts'
import { sqliteHarness } from '../../contract/sqlite-harness.ts'

const clock = { wall: () => Date.now() }
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

test('what came in the last minutes is known at the start, however many pages it takes', async () => {
  const harness = await sqliteHarness(() => ({}))
  const ledger = await harness.open()
  onTestFinished(async () => {
    await ledger.close()
    await harness.end()
  })
  const exchanges = Array.from({ length: 20_500 }, (_, index) => {
    const guardKey = identityOfSignature(hashOf(`signature ${index}`))
    return sampleExchange({ exchange: { guardKey, bodyHash: hashOf(`body ${index}`) } })
  })
  for (const exchange of exchanges) {
    ledger.writer.keep(exchange)
    ledger.writer.settle(exchange, sampleDelivery())
  }
  await ledger.writer.flush()

  const { guard, repeats } = await openGuards({ replay_window: 600_000 }, ledger, clock)
  expect([guard.size, repeats.size]).toEqual([exchanges.length, exchanges.length])
  const some = exchanges.filter((_, index) => index % 97 === 0)
  for (const { callback, route, facts, guardKey, bodyHash } of some) {
    const told = { route: route.id, call_id: facts.callId, event: facts.event, body_hash: bodyHash }
    const known = { kind: 'answered', duplicateOf: callback.id }
    expect(guard.admit(guardKey, bodyHash, 'another', clock.wall())).toMatchObject(known)
    expect(repeats.admit(identityOfContent(told), bodyHash, 'another', clock.wall())).toMatchObject(known)
  }
})
