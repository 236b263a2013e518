import { setImmediate as nextTurn } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { bindPort, type BoundPort } from '../../../src/assembly/bind-port.ts'
import { openLog } from '../../../src/log.ts'
import { Crew } from '../../../src/workers/crew.ts'
import type { OwnerParts } from '../../../src/workers/owner-parts.ts'
import { HeldClock } from '../../support/held-clock.ts'

/** Real processes that end before they do anything; only the time between them is ours. */
const endsAtOnce = '--import=data:text/javascript,process.exit(7)'

describe('a worker that ends again and again', () => {
  let port: BoundPort
  let clock: HeldClock
  let crew: Crew
  let started: Promise<unknown>
  let lost: PromiseWithResolvers<void>

  beforeEach(async () => {
    vi.stubEnv('NODE_OPTIONS', endsAtOnce)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    port = await bindPort({ host: '127.0.0.1', port: 0 })
    clock = new HeldClock()
    lost = Promise.withResolvers()
    crew = new Crew(ownerParts(port.fd, clock, () => lost.resolve()))
    started = crew.start().catch((error: unknown) => error)
  })
  afterEach(async () => {
    await crew.close(0)
    port.close()
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })

  /** From the end of a worker on until the next one is started; that one lives for `livesMs`. */
  async function waited(livesMs = 0): Promise<number> {
    await lost.promise
    while (processes() > 0) await nextTurn() // until its handle is closed
    lost = Promise.withResolvers()
    let waitedMs = 0
    vi.advanceTimersByTime(0)
    for (; processes() === 0 && waitedMs < 10_000; waitedMs++) vi.advanceTimersByTime(1)
    clock.advance(livesMs)
    return waitedMs
  }
  async function waits(lives: readonly number[]): Promise<readonly number[]> {
    const all: number[] = []
    for (const livesMs of lives) all.push(await waited(livesMs))
    return all
  }

  it('is replaced at once the first time, then after twice as long each time, up to 5 s', async () => {
    const all = await waits([0, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(all).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    await lost.promise
    expect(crew.standing()).toEqual({ wanted: 1, serving: 0, lost: 10 })
    expect(await started).toEqual(new Error('a worker ended before it served callbacks: exit code 7'))
  })

  it('but lived for ten seconds in between, is replaced at once again', async () => {
    expect(await waits([0, 0, 10_000, 0, 0, 9_999, 0])).toEqual([0, 100, 200, 0, 0, 100, 200])
  })

  it('is replaced no more once the crew is told to close', async () => {
    await waits([0, 0])
    await lost.promise
    while (processes() > 0) await nextTurn()
    await crew.close(0)
    vi.advanceTimersByTime(60_000)
    expect(processes()).toBe(0)
  })
})

function processes(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length
}

/** A crew of one. Nothing is handed over, so that what would handle it is not there. */
function ownerParts(socket: number, clock: HeldClock, onLost: () => void): OwnerParts {
  return {
    clock,
    socket,
    onLost,
    log: openLog('error', { write: () => undefined }).pino,
    orders: {
      kind: 'orders',
      monoOrigin: 0,
      workers: 1,
      tls: undefined,
      trustedProxies: [],
      maxBodyBytes: 1_000,
      maxReplyBytes: 1_000,
      maxInFlight: { callbacks: 1, bytes: 1_000 },
    },
    policy: () => undefined as never,
    workerPolicy: () => ({ rings: [], paths: [], publicBase: '', providers: [], allowTargets: [] }),
    inFlight: () => undefined,
    onResolved: () => undefined,
    onCertificate: () => undefined,
    onOwnFailure: () => undefined,
    newId: undefined as never,
    pipeline: undefined as never,
    recorder: undefined as never,
  }
}
