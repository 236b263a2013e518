import { setTimeout as sleep } from 'node:timers/promises'

import type { TestCallbackResult } from '../admin/api.ts'
import type { App } from '../assembly/app-options.ts'
import { RingbackError } from '../errors.ts'
import { messageLines } from './message-text.ts'

/** How a demonstration is told. */
export interface Telling {
  /** Without the pauses that let a person read along. */
  readonly isFast: boolean
  /** Ends the story at its next pause. */
  readonly signal: AbortSignal
  readonly print: (text: string) => void
  /** A text behind its name, broken into lines that fit beside a margin of so many characters. */
  readonly hanging: (name: string, text: string, margin: number) => string
  /** Colours, where the terminal has them. */
  readonly paint: (color: 'red' | 'green' | 'bold' | 'dim', text: string) => string
}

const READ_MS = 6_000
const PATIENCE_MS = 15_000
const LOOK_EVERY_MS = 20
/** Before each line of a message. */
const FRAME = '  │ '

/** Where the story is told, and where its callbacks come from. */
export class Stage {
  readonly #app: App
  readonly #options: Telling

  constructor(app: App, options: Telling) {
    this.#app = app
    this.#options = options
  }

  say(text: string): void {
    this.#options.print(text)
  }

  async chapter(text: string): Promise<void> {
    this.say(`\n${this.#options.paint('bold', text)}\n`)
    await this.pause(0.5)
  }

  /** Time to read; `share` of the usual. */
  async pause(share = 1): Promise<void> {
    const { isFast, signal } = this.#options
    if (!isFast) await sleep(READ_MS * share, undefined, { signal })
  }

  /** One signed callback through the public port. */
  async send(event: string): Promise<void> {
    const response = await fetch(`http://${this.#app.adminAddress}/api/v1/test-callback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event }),
    })
    // Safe: the admin API answers with this type whenever it answers 200.
    const reply = (await response.json()) as TestCallbackResult
    const { paint } = this.#options
    const status = paint(reply.status === 200 ? 'green' : 'red', String(reply.status))
    this.say(
      `  ${event.padEnd(16)} → handler → ${status} ${paint('dim', `after ${Math.round(reply.ms)} ms`)}`,
    )
    await this.pause(0.25)
  }

  /** A message as it arrived. */
  async quote(what: string, look: () => string | undefined): Promise<void> {
    const endsAt = performance.now() + PATIENCE_MS
    for (;;) {
      const message = look()
      if (message !== undefined) return this.#frame(message)
      if (performance.now() > endsAt) {
        throw new RingbackError('check_failed', `The ${what} message did not arrive.`)
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#options.signal })
    }
  }

  #frame(message: string): void {
    const { hanging } = this.#options
    for (const { name, text } of messageLines(message)) {
      this.say(hanging(name, text, FRAME.length).replaceAll(/^/gm, FRAME).trimEnd())
    }
  }
}
