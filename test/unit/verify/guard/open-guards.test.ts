import { expect, test } from 'vitest'

import { sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { expectKnown, stage, told } from './guard-stage.ts'

test('what came in the last minutes is known at the start, however many pages it takes', async () => {
  const here = await stage()
  const exchanges = await here.take(2_050)
  const guards = await here.start()
  expect([guards.guard.size, guards.repeats.size]).toEqual([exchanges.length, exchanges.length])
  expectKnown(
    guards,
    exchanges.filter((_, index) => index % 97 === 0),
  )
  expect(here.asked).toHaveLength(4)
})

test('after a stop the ledger is asked for what came later alone, also when a kill followed', async () => {
  const here = await stage()
  const first = await here.start()
  const before = await here.take(500, first)
  await first.keep()
  const position = before.at(-1)?.callback.id
  // They are known although the ledger is not asked for them.
  const second = await here.start()
  expect(here.asked).toEqual([position])
  expectKnown(second, before)
  // Killed: it kept nothing.
  const after = await here.take(30, second)
  const third = await here.start()
  expect(here.asked).toEqual([position, after.at(-1)?.callback.id])
  expect([third.guard.size, third.repeats.size]).toEqual([530, 530])
  expectKnown(third, [...before, ...after])
  expect(here.said).toBe('')
})

test('a request that failed before the stop and was delivered before a kill is answered as before', async () => {
  const here = await stage()
  const first = await here.start()
  const [exchange] = await here.take(1)
  if (exchange === undefined) throw new Error('nothing came')
  const { guardKey, bodyHash, callback } = exchange
  first.guard.admit(guardKey, bodyHash, callback.id, Date.now())
  first.guard.settle(first.guard.admitted, { ...told, delivered: false })
  await first.keep()
  const again = sampleExchange({ exchange: { guardKey, bodyHash, duplicateOf: callback.id } })
  here.ledger.writer.keep(again)
  here.ledger.writer.settle(again, sampleDelivery())
  await here.ledger.writer.flush()
  const { guard } = await here.start()
  const known = { kind: 'answered', duplicateOf: callback.id }
  expect(guard.admit(guardKey, bodyHash, 'another', Date.now())).toMatchObject(known)
})
