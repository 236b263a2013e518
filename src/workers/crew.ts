import { setTimeout as sleep } from 'node:timers/promises'

import type { TlsFiles } from '../ingress/server.ts'
import type { Policy } from '../pipeline.ts'
import { Entrance } from './entrance.ts'
import type { Handed, WorkerPolicy } from './messages.ts'
import type { OwnerParts } from './owner-parts.ts'
import { type Remark, Worker, type WorkerListener } from './worker.ts'

/** How the workers are. */
export interface CrewStanding {
  readonly wanted: number
  readonly serving: number
  /** Of those that ended without being told to, since the start of the daemon. */
  readonly lost: number
}

/** A worker that ended sooner than this is replaced after a wait, which doubles each time. */
const SOON_MS = 10_000
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000
/** Longest wait for workers to take over a policy. */
const TAKE_MS = 2_000
/** A worker that was told to close and does not end is killed this long after its time was up. */
const PATIENCE_MS = 3_000

/** The workers: as many as there should be, all with the policy in force, until they are told to close. */
export class Crew implements WorkerListener {
  readonly #parts: OwnerParts
  readonly #entrance: Entrance
  readonly #workers = new Set<Worker>()
  readonly #serving = new Set<Worker>()
  readonly #address = Promise.withResolvers<string>()
  #tls: TlsFiles | undefined
  #policy: { readonly number: number; readonly source: Policy; readonly told: WorkerPolicy }
  #lost = 0
  /** Workers in a row that ended soon. */
  #soon = 0
  #isClosing = false

  constructor(parts: OwnerParts) {
    this.#parts = parts
    this.#entrance = new Entrance(parts)
    this.#tls = parts.orders.tls
    this.#policy = { number: 1, source: parts.policy(), told: parts.workerPolicy() }
  }

  /** Starts them; resolves with the address of the port, as HOST:PORT, when all of them serve callbacks. */
  async start(): Promise<string> {
    for (let i = 0; i < this.#parts.orders.workers; i++) this.#hire()
    return this.#address.promise
  }

  /** Tells all workers the policy in force. */
  publish(): void {
    const { policy, workerPolicy } = this.#parts
    this.#policy = { number: this.#policy.number + 1, source: policy(), told: workerPolicy() }
    const { number, told } = this.#policy
    for (const worker of this.#workers) worker.publish(number, told)
  }

  /** Resolves when every worker has taken over what was published last, but one that hangs holds up nobody for long. */
  async taken(): Promise<void> {
    const { number } = this.#policy
    const all = Promise.all([...this.#workers].map((worker) => worker.taken(number)))
    await Promise.race([all, sleep(TAKE_MS, undefined, { ref: false })])
  }

  /** New connections use the renewed certificate. */
  renewCertificate(files: TlsFiles): void {
    this.#tls = files
    for (const { link } of this.#workers) link.say({ kind: 'certificate', files })
  }

  /** Takes no new connections, lets what is under way end until `graceMs` is over, and ends the workers. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    const impatience = setTimeout(() => {
      for (const worker of this.#workers) worker.kill()
    }, graceMs + PATIENCE_MS)
    for (const { link } of this.#workers) link.say({ kind: 'close', graceMs })
    await Promise.all([...this.#workers].map(({ ended }) => ended))
    clearTimeout(impatience)
    await this.#entrance.idle(graceMs) // passages whose worker was lost
  }

  /** Callbacks that are under way. */
  get inFlight(): number {
    return this.#entrance.inFlight
  }

  standing(): CrewStanding {
    return { wanted: this.#parts.orders.workers, serving: this.#serving.size, lost: this.#lost }
  }

  #hire(): void {
    const { clock, orders, socket } = this.#parts
    const worker = new Worker({ clock, orders: { ...orders, tls: this.#tls }, socket, listener: this })
    this.#workers.add(worker)
    worker.publish(this.#policy.number, this.#policy.told)
    void worker.ended.then((how) => this.#lose(worker, how))
  }

  handed(message: Handed, worker: Worker): void {
    const { number, source } = this.#policy
    const isInForce = message.policy === number && source === this.#parts.policy()
    this.#entrance.enter(message, worker, ({ ring }) => isInForce && ring === message.ring)
  }

  said(message: Remark, worker: Worker): void {
    const { onResolved, onCertificate, log } = this.#parts
    switch (message.kind) {
      case 'listening':
        this.#serving.add(worker)
        log.info({ part: 'workers', worker: worker.pid }, 'a worker serves callbacks')
        if (this.#serving.size === this.#parts.orders.workers) this.#address.resolve(message.address)
        return
      case 'ask_call':
        return worker.link.say({
          kind: 'call',
          path: message.path,
          scope: this.#entrance.callScope(message.path),
        })
      case 'refused':
        return this.#entrance.refused(message.refusal)
      case 'resolved':
        return onResolved(message.host, message.addresses)
      case 'shown':
        return onCertificate(message.origin, message.certificateExpiresAt)
      case 'failed':
        log.error({ part: 'workers', worker: worker.pid, problem: message.problem }, 'a worker fails')
    }
  }

  /** Its provider connections are cut; everything that it had handed over goes on here. */
  #lose(worker: Worker, how: string): void {
    this.#workers.delete(worker)
    const wasServing = this.#serving.delete(worker)
    if (this.#isClosing) return
    this.#lost += 1
    const livedMs = Math.round(this.#parts.clock.mono() - worker.startedAt)
    this.#soon = livedMs < SOON_MS ? this.#soon + 1 : 0
    const waitMs = this.#soon < 2 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (this.#soon - 2), LONGEST_WAIT_MS)
    const facts = { part: 'workers', worker: worker.pid, how, lived_ms: livedMs, wait_ms: waitMs }
    this.#parts.log.error(facts, 'a worker ended; another one takes its place')
    this.#parts.onLost()
    if (!wasServing) this.#address.reject(new Error(`a worker ended before it served callbacks: ${how}`))
    setTimeout(() => {
      if (!this.#isClosing) this.#hire()
    }, waitMs).unref()
  }
}
