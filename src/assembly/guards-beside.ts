import { rmSync } from 'node:fs'

import type { Clock } from '../clock.ts'
import { messageOf, systemCodeOf } from '../errors.ts'
import type { LedgerReader } from '../ledger/ledger.ts'
import type { Log } from '../log.ts'
import { GuardFile, type GuardStamp, writeGuardFile } from '../verify/guard/guard-file.ts'
import { type Image, must } from '../verify/guard/memory/image.ts'
import type { Guards } from '../verify/guard/passage-guards.ts'

export interface GuardsBesideParts {
  /** The file of the ledger. */
  readonly path: string
  /** How long requests are remembered, milliseconds. */
  readonly windowMs: number
  readonly reader: Pick<LedgerReader, 'callbacks' | 'callback'>
  readonly clock: Pick<Clock, 'wall'>
  readonly log: Log['pino']
}

/** Guards as the process before left them, and the callback up to which they know what the ledger knows. */
export interface KeptGuards {
  readonly guards: Guards
  readonly position: string
}

/**
 * The guards in a file beside a ledger that one process has for itself: written at a stop, taken up at the next start.
 * It only saves reading the ledger, so whatever is odd about it, it is left aside. A kill does not make it wrong: all
 * that came after its position is in the ledger.
 */
export class GuardsBeside {
  readonly #parts: GuardsBesideParts
  readonly #path: string
  #removal: NodeJS.Timeout | undefined

  constructor(parts: GuardsBesideParts) {
    this.#parts = parts
    this.#path = `${parts.path}.guards`
  }

  /** @returns undefined when there are none that can be believed */
  async takeUp(make: (file: GuardFile) => Guards): Promise<KeptGuards | undefined> {
    try {
      using file = new GuardFile(this.#path)
      await this.#judge(file.stamp)
      const guards = make(file)
      must(file.isAtEnd, 'more in it than it says')
      this.#removeAfter(file.stamp.writtenAt + this.#parts.windowMs - this.#parts.clock.wall())
      return { guards, position: file.stamp.position }
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined
      const problem = messageOf(error)
      this.#parts.log.info({ problem }, 'what came in the last minutes is read from the ledger')
      this.#remove()
      return undefined
    }
  }

  /** For the stop, when nothing comes in any more. Never throws. */
  async write({ guard, repeats }: Guards): Promise<void> {
    clearTimeout(this.#removal)
    const { reader, clock, log } = this.#parts
    try {
      // First the position: what is read from the ledger although the guards know it does no harm.
      const [newest] = (await reader.callbacks({ limit: 1 })).rows
      const image = joined(guard.image(), repeats.image())
      if (newest === undefined || image === undefined) this.#remove()
      else writeGuardFile(this.#path, { writtenAt: clock.wall(), position: newest.id }, image)
    } catch (error) {
      log.warn(
        { problem: messageOf(error) },
        'the next start reads from the ledger what came in the last minutes',
      )
    }
  }

  async #judge({ writtenAt, position }: GuardStamp): Promise<void> {
    const { windowMs, clock, reader } = this.#parts
    const age = clock.wall() - writtenAt
    must(age >= 0 && age < windowMs, 'a time too long ago, or still to come')
    must((await reader.callback(position)) !== undefined, 'callbacks of another ledger')
  }

  /** There are answers in it, which the ledger does not keep for longer either. */
  #removeAfter(ms: number): void {
    this.#removal = setTimeout(() => {
      this.#remove()
    }, ms).unref()
  }

  #remove(): void {
    try {
      rmSync(this.#path, { force: true })
    } catch (error) {
      this.#parts.log.warn({ problem: messageOf(error) }, 'a file of the replay guard cannot be removed')
    }
  }
}

function joined(first: Image | undefined, second: Image | undefined): Image | undefined {
  return first === undefined || second === undefined ? undefined : [...first, ...second]
}
