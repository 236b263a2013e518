import { readFileSync } from 'node:fs'

import type { CallbackRow, Page } from '../../src/admin/api.ts'
import { request } from './http-rig.ts'
import { exchange, type RawResponse } from './raw-http.ts'
import { type RunningRingback, startRingback } from './start-ringback.ts'
import { type Handler, startTarget, type TargetServer } from './target-server.ts'
import { waitFor } from './wait-for.ts'

export interface BoundsOptions {
  readonly handler?: Handler
  /** Inside of the braces of `defaults: { … }`. */
  readonly defaults?: string
  /** More lines at the top level. */
  readonly top?: string
}

/** A daemon that takes unsigned callbacks below `/calls/`, and the handler behind it, both real. */
export class BoundsRig implements AsyncDisposable {
  readonly ringback: RunningRingback
  readonly handler: TargetServer
  #callbacks = 0

  private constructor(ringback: RunningRingback, handler: TargetServer) {
    this.ringback = ringback
    this.handler = handler
  }

  static async start({ handler, defaults = '', top = '' }: BoundsOptions = {}): Promise<BoundsRig> {
    const target = await startTarget(handler)
    const ringback = await startRingback(`
public_url: https://callbacks.example.com
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
alerts: { rules: { consecutive_failures: { enabled: false } } }
defaults: { ${defaults} }
routes:
  - { id: calls, path: /calls/, target: '${target.url}', signature: 'off', kind: notify }
${top}`)
    return new BoundsRig(ringback, target)
  }

  get port(): number {
    return this.ringback.publicPort
  }

  /** One callback of a call of its own, on a connection of its own, as a provider sends it. */
  async callback(): Promise<RawResponse | undefined> {
    return (await exchange(this.port, callbackOf(`normal-${this.#callbacks++}`))).answer
  }

  /** Resolves as soon as a callback is delivered: the port has room again. */
  async untilServed(): Promise<void> {
    await waitFor('a callback that is delivered', async () => (await this.callback())?.status === 200)
  }

  /** How many requests had each verdict, over all routes. */
  async verdicts(): Promise<Readonly<Record<string, number>>> {
    const text = await (await fetch(`${this.ringback.adminUrl}/metrics`)).text()
    const counts: Record<string, number> = {}
    for (const [, verdict = '', count] of text.matchAll(
      /^ringback_callbacks_received_total\{.*verdict="(\w+)"\} (\d+)$/gm,
    ))
      counts[verdict] = (counts[verdict] ?? 0) + Number(count)
    return counts
  }

  /** Rows of requests that were refused, the newest 1,000 of them. */
  async refusals(): Promise<readonly CallbackRow[]> {
    const response = await fetch(`${this.ringback.adminUrl}/api/v1/callbacks?result=rejected&limit=1000`)
    return ((await response.json()) as Page<CallbackRow>).rows
  }

  rssMiB(): number {
    const status = readFileSync(`/proc/${this.ringback.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ringback[Symbol.asyncDispose]()
    await this.handler.close()
  }
}

/** A callback as bytes, with a body of at least this length. */
export function callbackOf(callId: string, bytes = 0): Buffer {
  const body = JSON.stringify({ event: 'Hangup', CallUUID: callId, padding: 'x'.repeat(bytes) })
  return request('POST /calls/hook HTTP/1.1', [['Content-Type', 'application/json']], body)
}
