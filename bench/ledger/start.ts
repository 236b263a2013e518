// node bench/ledger/start.ts FILE: from the start of the process to the first callback that is taken, on a ledger.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { CALLBACK_PATH, ringbackConfig } from '../contenders/configs.ts'
import { freePort } from '../measure/processes.ts'
import { residentMiB } from '../measure/proc.ts'
import { compile } from '../measure/stage.ts'
import { openWorkplace } from '../measure/workplace.ts'

const ROUNDS = 7
const [path] = process.argv.slice(2)
if (path !== undefined && !existsSync(path)) throw new Error(`${path} is not there`)
const { folder, processes } = openWorkplace(tmpdir(), 'start')
compile()
const times: number[] = []
for (let round = 0; round < ROUNDS; round++) times.push(await startOnce())
const sorted = times.toSorted((a, b) => a - b)
console.log(
  `start to first callback, ${path ?? 'a new ledger'}: ${sorted.map((ms) => ms.toFixed(0)).join(', ')} ms; median ${sorted[Math.floor(ROUNDS / 2)]?.toFixed(0)} ms`,
)

async function startOnce(): Promise<number> {
  const [port, adminPort, upstreamPort] = [await freePort(), await freePort(), await freePort()]
  const config = join(folder, 'ringback.yaml')
  const store = resolve(path ?? join(folder, 'new.db'))
  const facts = { port, adminPort, upstreamPort, store, routes: 20 }
  await writeFile(
    config,
    ringbackConfig({ ...facts, durability: 'full', signature: 'off', logLevel: 'info' }),
  )
  const startedAt = performance.now()
  const child = processes.start(process.execPath, ['dist/daemon/main.js', 'serve', '--config', config], {
    // The launcher does the same with a folder beside the code.
    env: { BENCH_WEBHOOK_SECRET: randomBytes(32).toString('hex'), NODE_COMPILE_CACHE: join(folder, 'cache') },
    output: join(folder, 'ringback.log'),
  })
  while (!(await isTaken(port))) await sleep(2)
  const ms = performance.now() - startedAt
  await sleep(500)
  if (child.pid !== undefined)
    console.log(`${ms.toFixed(0)} ms, ${residentMiB(child.pid).now.toFixed(0)} MiB`)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  return ms
}

/** Nothing serves behind it: a callback that is taken is answered for its handler, and that is durable. */
async function isTaken(port: number): Promise<boolean> {
  const { promise, resolve: done } = Promise.withResolvers<boolean>()
  const body = JSON.stringify({ event: 'call.completed', call_id: `start-${Date.now()}` })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const sending = request({ port, host: '127.0.0.1', method: 'POST', path: CALLBACK_PATH, headers })
  sending.on('error', () => done(false))
  sending.on('response', (response) => {
    response.resume()
    done(response.statusCode === 200)
  })
  sending.end(body)
  return promise
}
