// What the alert engine costs: `node bench/alert-engine.ts`. Prints microseconds for each callback (an attempt and its
// end) over 100 routes, while all is well and while one route in ten fails, and for each judgement of all rules.
import { performance } from 'node:perf_hooks'

import { AlertEngine } from '../src/alerts/engine.ts'
import { createIdMaker } from '../src/callback/id.ts'
import { openMemoryAlertStore } from '../src/ledger/sqlite/memory-alert-store.ts'
import { settings } from '../test/support/alert-bench.ts'
import { aDelivery, anAttempt, anExchange, aRouteTo } from '../test/support/alert-builders.ts'

const ROUTES = 100
const CALLBACKS = 10_000
const ROUNDS = 20
const routes = Array.from({ length: ROUTES }, (_, n) => aRouteTo(`route-${n}`))
const newId = createIdMaker(Math.random)

async function measure(name: string, failing: (route: number) => boolean): Promise<void> {
  const figures: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    using store = openMemoryAlertStore()
    let now = Date.UTC(2026, 0, 5)
    const engine = new AlertEngine({
      clock: { wall: () => now, mono: () => now },
      store,
      settings,
      routes,
      channels: () => ['slack'],
      newId,
      streaks: () => Promise.resolve([]),
      callbacksOf: () => Promise.resolve([]),
      onStreak: () => undefined,
      onFiring: () => undefined,
      onNotifications: () => undefined,
      onUnstored: () => undefined,
      onProblem: (error) => {
        throw error
      },
    })
    await engine.start()
    const good = { delivery: aDelivery(), outcome: 'ok' } as const
    const bad = { delivery: { ...aDelivery(), result: 'failed' as const }, outcome: 'http_5xx' } as const
    const steps = Array.from({ length: CALLBACKS }, (_, n) => {
      const at = n % ROUTES
      const { delivery, outcome } = failing(at) ? bad : good
      const route = routes[at] ?? aRouteTo('none')
      const exchange = anExchange(route, newId(now + n), { event: 'call.ringing' })
      const attempt = anAttempt(outcome, { target: route.targets[0], startedAt: now + n })
      return {
        exchange: { ...exchange, callback: { ...exchange.callback, receivedAt: now + n } },
        attempt,
        delivery,
      }
    })
    const startedAt = performance.now()
    for (const { exchange, attempt, delivery } of steps) {
      now += 1
      engine.attempted(exchange, attempt)
      engine.settled(exchange, delivery)
    }
    figures.push(((performance.now() - startedAt) * 1000) / CALLBACKS)
    await engine.idle()
    if (round < ROUNDS - 1) continue
    const judgedAt = performance.now()
    for (let tick = 1; tick <= 100; tick++) engine.tick(now + tick * 5_000)
    const ms = (performance.now() - judgedAt) / 100
    process.stdout.write(
      `${name}: ${Math.min(...figures).toFixed(2)} µs a callback, ${ms.toFixed(2)} ms a judgement of ${ROUTES} routes\n`,
    )
    await engine.close()
  }
}

await measure('all well', () => false)
await measure('one route in ten fails', (route) => route % 10 === 0)
