import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { Connection } from './connection.ts'
import type { Window } from './protocol.ts'
import type { SignedRequests } from './signed-requests.ts'

export interface LoadPlan {
  readonly port: number
  readonly connections: number
  readonly seconds: number
}

/** Longest wait for the answers that are still out when an open-loop window ends. */
const STRAGGLERS_MS = 5_000

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** Saturation: each connection sends its next request when the answer to the last one is there. */
export async function closedLoop(requests: SignedRequests, plan: LoadPlan): Promise<Window> {
  const latencies: number[] = []
  const statuses: Record<number, number> = {}
  let errors = 0
  const startedAt = nowMs()
  const endsAt = startedAt + plan.seconds * 1000
  const { promise, resolve } = Promise.withResolvers<void>()
  let open = plan.connections

  const next = (connection: Connection): void => {
    const at = nowMs()
    if (at < endsAt) {
      requests.fill(connection.request)
      connection.send(at)
    } else if (--open === 0) {
      resolve()
    }
  }
  const connections = dial(requests, plan, (connection, status) => {
    statuses[status] = (statuses[status] ?? 0) + 1
    if (status === 200) latencies.push(nowMs() - connection.intendedAt)
    else errors++
    next(connection)
  })
  for (const connection of connections) next(connection)
  await promise
  const seconds = (nowMs() - startedAt) / 1000
  for (const connection of connections) connection.close()
  return summarise(latencies, { errors, statuses, seconds, signedLate: requests.signedLate })
}

/** Fixed rate: requests are due evenly, whatever the answers do; each is timed from the moment it was due. */
export async function openLoop(requests: SignedRequests, plan: LoadPlan, rate: number): Promise<Window> {
  const latencies: number[] = []
  const idle: Connection[] = []
  const overdue: number[] = []
  const statuses: Record<number, number> = {}
  const count = Math.round(rate * plan.seconds)
  let ended = 0
  let errors = 0
  const { promise: allEnded, resolve } = Promise.withResolvers<void>()

  const send = (connection: Connection, dueAt: number): void => {
    requests.fill(connection.request)
    connection.send(dueAt)
  }
  const connections = dial(requests, plan, (connection, status) => {
    statuses[status] = (statuses[status] ?? 0) + 1
    if (status === 200) latencies.push(nowMs() - connection.intendedAt)
    else errors++
    if (++ended === count) resolve()
    const dueAt = overdue.shift()
    if (dueAt === undefined) idle.push(connection)
    else send(connection, dueAt)
  })
  idle.push(...connections)

  const startNs = process.hrtime.bigint() + 100_000_000n // the worker needs some time to start
  const intervalNs = BigInt(Math.round(1e9 / rate))
  const ticker = new Worker(new URL('ticker.ts', import.meta.url), {
    workerData: { startNs, intervalNs, count },
  })
  ticker.on('message', (tick: number) => {
    const dueAt = Number(startNs + BigInt(tick) * intervalNs) / 1e6
    // The one that rested longest: a server may end a connection on which nothing comes for some seconds.
    const connection = idle.shift()
    if (connection === undefined) overdue.push(dueAt)
    else send(connection, dueAt)
  })
  await once(ticker, 'exit')
  await Promise.race([allEnded, new Promise((wake) => setTimeout(wake, STRAGGLERS_MS).unref())])
  for (const connection of connections) connection.close()
  return summarise(latencies, {
    errors: errors + (count - ended),
    statuses,
    seconds: plan.seconds,
    signedLate: requests.signedLate,
  })
}

function dial(
  requests: SignedRequests,
  plan: LoadPlan,
  ended: (connection: Connection, status: number) => void,
): Connection[] {
  return Array.from(
    { length: plan.connections },
    () => new Connection(plan.port, requests.newBuffer(), ended),
  )
}

function summarise(
  latencies: number[],
  facts: Pick<Window, 'errors' | 'statuses' | 'seconds' | 'signedLate'>,
): Window {
  const sorted = Float64Array.from(latencies).sort()
  const quantile = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN
  return { ...facts, answered: sorted.length, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) }
}
