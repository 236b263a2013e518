import { setImmediate as nextTurn } from 'node:timers/promises'

import { openSqliteLedger } from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import {
  refused,
  rescuedUntil,
  sampleAttempt,
  sampleDelivery,
  sampleExchange,
} from '../../../contract/ledger-samples.ts'

// Writes callbacks as fast as it may and says on standard output what was promised to be durable, until it is killed.

/** More than a batch writes the numbers of at once. */
const ROUTES = 50
const LANES = 60

const path = process.argv[2] ?? ''
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { writer } = await openSqliteLedger({
  path,
  bodies: 'redacted',
  bodyLimit: 1000,
  replayWindowMs: 60_000,
  events: { committed: () => undefined, failed: (rows, problem) => say(`failed ${rows} ${problem}`) },
})

async function one(number: number): Promise<void> {
  const relays = number % 3 === 0
  const exchange = sampleExchange({
    route: { id: `r${number % ROUTES}`, onFailure: relays ? 'relay' : 'rescue' },
  })
  const { id } = exchange.callback
  await writer.secured(writer.keep(exchange))
  say(`kept ${id} ${relays ? 'relay' : 'rescue'}`)
  if (number % 7 === 0) return // never answered by its handler
  if (number % 5 === 0) {
    writer.attempt(exchange, sampleAttempt()) // taken, and killed before anything of that is committed
    await nextTurn() // by its end the journal has it
    say(`taken ${id}`)
    return
  }
  if (number % 2 === 0) {
    writer.attempt(exchange, sampleAttempt())
    await writer.secured(writer.settle(exchange, sampleDelivery()))
    say(`delivered ${id}`)
  } else if (!relays) {
    writer.attempt(exchange, refused)
    await writer.durable(writer.settle(exchange, rescuedUntil(Date.now() + 60_000)))
    say(`rescued ${id}`)
  }
}

async function lane(first: number): Promise<never> {
  for (let number = first; ; number += LANES) await one(number)
}
say('ready')
await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
