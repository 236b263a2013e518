import { type ChildProcess, fork } from 'node:child_process'

import type { Clock } from '../clock.ts'
import type { HandedCallback, Holder } from './handed-callback.ts'
import { Link } from './link.ts'
import type { Handed, Orders, OwnerSays, WorkerPolicy, WorkerSays } from './messages.ts'

/** The same ending as this file: `.ts` in the repository, `.js` in a compiled package. */
const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** A worker that owes an answer and has said nothing for so long hangs. */
const SILENT_MS = 3_000

/** What a worker's owner does with what it says. */
export interface WorkerListener {
  /** A callback came in, and waits for its answer. */
  handed(message: Handed, worker: Worker): void
  /** Everything else that is not about a callback that the worker holds. */
  said(message: Remark, worker: Worker): void
}

export type Remark = Exclude<WorkerSays, { kind: 'callback' | 'result' | 'took' }>

export interface WorkerOptions {
  readonly clock: Clock
  readonly orders: Orders
  readonly socket: number
  readonly listener: WorkerListener
}

/** A worker process, as its owner sees it. */
export class Worker implements Holder {
  readonly clock: Clock
  readonly link: Link<OwnerSays>
  readonly startedAt: number
  readonly #child: ChildProcess
  readonly #listener: WorkerListener
  readonly #held = new Map<number, HandedCallback>()
  readonly #waiters: { readonly number: number; readonly resolve: () => void }[] = []
  /** Resolves with the way in which the process ended, when everything that it said before has been heard. */
  readonly ended: Promise<string>
  readonly #end: () => void
  /** Number of the policy that it has. */
  #taken = 0
  /** Nothing can be said to it any more. */
  isGone = false
  #hasExited = false
  /** Batches that were heard. */
  #heard = 0
  #isWatched = false
  #how = ''

  constructor({ clock, orders, socket, listener }: WorkerOptions) {
    this.clock = clock
    this.startedAt = clock.mono()
    this.#listener = listener
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    this.#end = () => {
      this.#abandon()
      resolve(this.#how)
    }
    const child = fork(new URL(`./worker-process.${ENDING}`, import.meta.url), [], {
      // Its place among the descriptors is SOCKET of serve-worker.ts.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', socket],
      serialization: 'advanced',
    })
    this.#child = child
    this.link = new Link({
      send: (batch, done) => {
        if (child.connected) child.send([...batch], done)
      },
    })
    child.on('message', (batch) => {
      this.#heard += 1
      for (const message of batch as readonly WorkerSays[]) this.#hear(message)
    })
    child.on('error', (error) => {
      this.#how = error.message
      if (child.pid === undefined) this.#end() // it never began, so there will be no exit
    })
    child.on('exit', (code, signal) => {
      this.#how ||= signal === null ? `exit code ${String(code)}` : signal
      this.#hasExited = true
      if (!child.connected) this.#end()
    })
    child.on('disconnect', () => {
      this.isGone = true
      if (this.#hasExited) this.#end()
      else child.kill('SIGKILL')
    })
    this.link.say(orders)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  publish(number: number, policy: WorkerPolicy): void {
    this.link.say({ kind: 'policy', number, policy })
  }

  /** Resolves when the worker has taken over the policy of that number, or is gone. */
  async taken(number: number): Promise<void> {
    if (this.isGone || this.#taken >= number) return
    await new Promise<void>((resolve) => {
      this.#waiters.push({ number, resolve })
    })
  }

  /** The passage of this callback is under way. */
  hold(callback: number, handed: HandedCallback): void {
    this.#held.set(callback, handed)
  }

  /** And now it is over. */
  release(callback: number): void {
    this.#held.delete(callback)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** One that only was late tells of the try after all; one that hangs is ended, so that another one takes its place. */
  overdue(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    const heard = this.#heard
    setTimeout(() => {
      this.#isWatched = false
      if (this.isGone || this.#heard !== heard) return
      this.#how = 'it hung'
      this.kill()
    }, SILENT_MS).unref()
  }

  #hear(message: WorkerSays): void {
    switch (message.kind) {
      case 'callback':
        return this.#listener.handed(message, this)
      case 'result':
        return this.#held.get(message.callback)?.ended(message.errand, message.result)
      case 'took':
        return this.#wake(message.number)
      case 'failed':
        this.#how = message.problem
        return this.#listener.said(message, this)
      case 'listening':
      case 'ask_call':
      case 'refused':
      case 'resolved':
      case 'shown':
        return this.#listener.said(message, this)
    }
  }

  #wake(number: number): void {
    this.#taken = number
    const isTaken = (waiter: { readonly number: number }): boolean => waiter.number <= number
    for (const { resolve } of this.#waiters.filter(isTaken)) resolve()
    this.#waiters.splice(0, this.#waiters.length, ...this.#waiters.filter((waiter) => !isTaken(waiter)))
  }

  #abandon(): void {
    this.isGone = true
    this.#wake(Infinity)
    for (const handed of this.#held.values())
      handed.cutOff('cut off: the worker process that made the request ended')
  }
}
