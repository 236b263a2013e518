import type { Worker } from 'node:worker_threads'

import { type LoadingThread, loadThread, startThread, type ThreadEntry } from './thread.ts'
import type { Ready, Turn, TurnDone } from './protocol.ts'

const RESTART_MS = 200

export interface WriterLinkEvents {
  done(result: TurnDone): void
  /** The thread ended by itself; a new one is being started. */
  ended(problem: string): void
  /** No new one could be started; that is tried again until one is. */
  couldNotRestart(problem: string): void
  /** A new thread is ready. */
  restarted(): void
}

/** Keeps one writer thread alive and carries turns to it. */
export class WriterLink {
  readonly #data: object
  readonly #entry: ThreadEntry
  readonly #events: WriterLinkEvents
  #worker: Worker | undefined
  #isClosing = false
  #restart: NodeJS.Timeout | undefined
  #starting: Promise<void> | undefined
  #whenEnded: () => void = () => undefined

  private constructor(data: object, events: WriterLinkEvents, entry: ThreadEntry) {
    this.#data = data
    this.#entry = entry
    this.#events = events
  }

  /**
   * @param data what the thread is started with
   * @param loading the first one, where it is loading already
   * @throws RingbackError when the ledger cannot be opened
   */
  static async start(
    data: object,
    events: WriterLinkEvents,
    entry: ThreadEntry,
    loading: LoadingThread = loadThread(entry),
  ): Promise<{ link: WriterLink } & Pick<Ready, 'stores' | 'setAside' | 'position'>> {
    const link = new WriterLink(data, events, entry)
    const { worker, ready } = await loading.start({ ...data, isFirst: true })
    link.#use(worker)
    const { stores, setAside, position } = ready
    return { link, stores, setAside, position }
  }

  get isUp(): boolean {
    return this.#worker !== undefined
  }

  send(turn: Turn): void {
    this.#worker?.postMessage(turn, [])
  }

  /** Ends the thread after its last turn. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#restart)
    await this.#starting // it opens what is somebody else's afterwards
    const worker = this.#worker
    if (worker === undefined) return
    const ended = new Promise<void>((resolve) => {
      this.#whenEnded = resolve
    })
    worker.postMessage('close', [])
    await ended
  }

  #use(worker: Worker): void {
    this.#worker = worker
    let problem = 'the writer thread ended'
    worker.on('message', (result: TurnDone) => this.#events.done(result))
    worker.on('error', (error: Error) => {
      problem = `the writer thread failed: ${error.message}`
    })
    worker.on('exit', () => {
      this.#worker = undefined
      this.#whenEnded()
      if (this.#isClosing) return
      this.#events.ended(problem)
      this.#restartSoon()
    })
  }

  #restartSoon(): void {
    this.#restart = setTimeout(() => {
      this.#starting = startThread(this.#entry, { ...this.#data, isFirst: false }).then(
        async ({ worker }) => {
          if (this.#isClosing) {
            await worker.terminate()
            return
          }
          this.#use(worker)
          this.#events.restarted()
        },
        (error: Error) => {
          if (this.#isClosing) return
          this.#events.couldNotRestart(`the writer thread cannot be started again: ${error.message}`)
          this.#restartSoon()
        },
      )
    }, RESTART_MS)
  }
}
