import { TurnEnd } from '../turn-end.ts'

/** The end of a channel between two processes. */
export interface Channel<Out> {
  /** Sends in the order of calls; `done` when it is written or never will be. */
  send(batch: readonly Out[], done: () => void): void
}

const written = new TurnEnd<{ flush(): void }>('write', (link) => link.flush())

/** Gathers what one turn of the event loop has to say into one message: each costs more than what stands in it. */
export class Link<Out> {
  readonly #channel: Channel<Out>
  #batch: Out[] = []

  constructor(channel: Channel<Out>) {
    this.#channel = channel
  }

  say(message: Out): void {
    if (this.#batch.push(message) === 1) written.add(this)
  }

  /** Sends what was said until now; by itself at the end of the turn. */
  flush(done: () => void = () => undefined): void {
    const batch = this.#batch
    this.#batch = []
    if (batch.length > 0) this.#channel.send(batch, done)
    else done()
  }
}
