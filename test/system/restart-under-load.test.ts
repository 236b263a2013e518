import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { startServiceManager } from '../support/service-manager.ts'
import { startTarget } from '../support/target-server.ts'

/** RINGBACK_RESTARTS=10 for the proof that docs/operations.md tells of. */
const RESTARTS = Number(process.env['RINGBACK_RESTARTS'] ?? 3)
/** Two callbacks each time, one on a kept-alive connection and one on a connection of its own. */
const EVERY_MS = 20
const HANDLER_MS = 40

it(
  `loses no callback in ${RESTARTS} restarts under load on a socket that is kept`,
  { timeout: 40_000 + RESTARTS * 20_000 },
  async () => {
    await using handler = await startTarget(async () => {
      await sleep(Math.random() * HANDLER_MS)
      return { body: 'taken' }
    })
    await using manager = await startServiceManager(`
public_url: https://callbacks.example.com
listen: 127.0.0.1:1
admin: { listen: 127.0.0.1:0 }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
log: { level: info }
defaults: { deadline: 10s }
routes:
  - { id: calls, path: /calls/, target: '${handler.url}', signature: 'off' }
`)
    const load = startLoad(manager.port)
    const gaps: number[] = []
    for (let restart = 0; restart < RESTARTS; restart++) {
      await sleep(500)
      gaps.push(Math.round(await manager.restart()))
    }
    await sleep(500)
    const { sent, failures, slowestMs } = await load.stop()
    const seen = handler.requests.map(({ body }) => body.toString())
    process.stdout.write(
      `${RESTARTS} restarts, ${gaps.join(', ')} ms each: ${sent.length} callbacks, ${failures.length} failed, slowest answer ${slowestMs} ms\n`,
    )
    expect(failures).toEqual([])
    expect(seen.toSorted()).toEqual(sent.toSorted())
    expect(sent.length).toBeGreaterThan(RESTARTS * 50)
  },
)

interface Result {
  readonly sent: readonly string[]
  readonly failures: readonly string[]
  readonly slowestMs: number
}

/** Sends at an even pace, whatever comes back, and never tries again. */
function startLoad(port: number): { stop(): Promise<Result> } {
  // Each connection is used in turn, so that none is idle for long: what a client sends on one that has just been closed
  // no server can answer.
  const kept = new Agent({ keepAlive: true, maxSockets: 8, scheduling: 'fifo' })
  const sent: string[] = []
  const failures: string[] = []
  const underWay = new Set<Promise<void>>()
  let slowestMs = 0
  const send = (agent: Agent | false): void => {
    const body = JSON.stringify({ event: 'call.completed', call_id: `call-${sent.length}` })
    sent.push(body)
    const startedAt = performance.now()
    const passage = post(port, body, agent).then((problem) => {
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - startedAt))
      if (problem !== '') failures.push(`${problem} ${body}`)
      underWay.delete(passage)
    })
    underWay.add(passage)
  }
  const pacing = setInterval(() => {
    send(kept)
    send(false)
  }, EVERY_MS)
  return {
    async stop() {
      clearInterval(pacing)
      await Promise.all(underWay)
      kept.destroy()
      return { sent, failures, slowestMs }
    },
  }
}

/** Resolves with what went wrong, or nothing. */
async function post(port: number, body: string, agent: Agent | false): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const sending = request({ port, host: '127.0.0.1', path: '/calls/hook', method: 'POST', headers, agent })
  sending.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
  sending.on('response', (response) => {
    response.resume()
    response.on('error', (error) => resolve(error.message))
    response.on('end', () => resolve(response.statusCode === 200 ? '' : `status ${response.statusCode}`))
  })
  sending.end(body)
  return promise
}
