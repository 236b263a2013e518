import { request } from 'node:http'

import { sign } from '../../src/verify/signing/sign.ts'
import type { Dialect } from '../../src/verify/verifier.ts'
import type { RunningRingback } from './start-ringback.ts'
import { waitFor } from './wait-for.ts'

/** Process ids of the workers that serve callbacks, as the log tells of them; those that ended are left out. */
export function workersOf(ringback: RunningRingback): readonly number[] {
  const lines = ringback.logs().split('\n')
  const told = (text: string): number[] =>
    lines
      .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes(text))
      .map((line) => (JSON.parse(line) as { worker: number }).worker)
  const ended = new Set(told('a worker ended'))
  return told('a worker serves callbacks').filter((pid) => !ended.has(pid))
}

/** Waits until so many workers serve, none of them one that was killed. */
export function untilServing(
  ringback: RunningRingback,
  count: number,
  killed?: number,
): Promise<readonly number[]> {
  return waitFor(`${count} workers`, () => {
    const workers = workersOf(ringback)
    return workers.length === count && !workers.includes(killed ?? 0) && workers
  })
}

/** Runs something while all workers but one are stopped, so that every new connection is that one's. */
export async function onlyOn<Result>(
  ringback: RunningRingback,
  worker: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const others = workersOf(ringback).filter((pid) => pid !== worker)
  for (const pid of others) process.kill(pid, 'SIGSTOP')
  try {
    return await run()
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT')
  }
}

export interface Told {
  /** 0 when the connection ended without an answer. */
  readonly status: number
  readonly text: string
}

/** Sends on a connection of its own. */
export function postOnce(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const { promise, resolve } = Promise.withResolvers<Told>()
  const sending = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
  })
  sending.on('error', () => resolve({ status: 0, text: '' }))
  sending.on('response', (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    response.on('error', () => resolve({ status: 0, text }))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
  })
  sending.end(body)
  return promise
}

/** Headers with a signature of this dialect. */
export function signatureOf(
  dialect: Dialect,
  of: { readonly secret: string; readonly baseUrl: string; readonly body: string; readonly nonce: string },
): Readonly<Record<string, string>> {
  const nowSeconds = Math.floor(Date.now() / 1000)
  return sign(dialect, { ...of, body: Buffer.from(of.body), nowSeconds })
}
