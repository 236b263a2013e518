import { existsSync, rmSync } from 'node:fs'

import { firstIdAt } from '../callback/id.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { LedgerReader } from '../ledger/ledger.ts'
import type { Log } from '../log.ts'
import { GuardFile, piecesPathOf } from '../verify/guard/file/guard-file.ts'
import type { GuardStamp } from '../verify/guard/file/guard-index.ts'
import { GuardWriter } from '../verify/guard/file/guard-writer.ts'
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

/** Guards as the process before left them, and the id up to which they know what the ledger knows. */
export interface KeptGuards {
  readonly guards: Guards
  readonly position: string
}

/** So many more identities are read from the ledger in about a tenth of a second, and fill half a piece of memory. */
const WORTH_WRITING = 8192
const TICK_MS = 1000

/**
 * The guards in a file beside a ledger that one process has for itself: written every few thousand callbacks and at a
 * stop, taken up at the next start. It only saves reading the ledger, so whatever is odd about it, it is left aside.
 * What came after its position is in the ledger, also what was under way when it was written.
 */
export class GuardsBeside {
  readonly #parts: GuardsBesideParts
  readonly #path: string
  readonly #writer: GuardWriter
  #removal: NodeJS.Timeout | undefined
  #ticking: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false
  /** What had passed when they were written last, or should have been. */
  #passed = 0
  /** The newest callback of the tick before. All that came before it have been let in by now. */
  #newest = ''
  /** A callback of the ledger, and when it was looked up: the thread that reads takes 20 MiB, and time to begin. */
  #witness = { id: '', at: -Infinity }
  #hasFailed = false

  constructor(parts: GuardsBesideParts) {
    this.#parts = parts
    this.#path = `${parts.path}.guards`
    this.#writer = new GuardWriter(this.#path)
  }

  /** @returns undefined when there are none that can be believed */
  async takeUp(make: (file: GuardFile) => Guards): Promise<KeptGuards | undefined> {
    if (!existsSync(this.#path)) return undefined
    try {
      using file = new GuardFile(this.#path)
      await this.#judge(file.stamp)
      const guards = make(file)
      must(file.isAtEnd, 'more in it than it says')
      this.#writer.goOn(file.keptOf(imagesOf(guards)))
      this.#passed = passedOf(guards)
      this.#removeAfter(file.stamp.writtenAt + this.#parts.windowMs - this.#parts.clock.wall())
      return { guards, position: file.stamp.position }
    } catch (error) {
      const problem = messageOf(error)
      this.#parts.log.info({ problem }, 'what came in the last minutes is read from the ledger')
      this.#remove()
      return undefined
    }
  }

  /** Writes them again and again, from now on. */
  keepUp(guards: Guards): void {
    this.#ticking = setInterval(() => this.#tick(guards), TICK_MS).unref()
  }

  /** For the stop, when nothing comes in any more. Never throws. */
  async keep(guards: Guards): Promise<void> {
    clearInterval(this.#ticking)
    clearTimeout(this.#removal)
    await this.#writing
    await this.#write(guards, () => newestOf(guards))
  }

  #tick(guards: Guards): void {
    const before = this.#newest
    this.#newest = newestOf(guards)
    if (this.#isWriting || before === '' || passedOf(guards) - this.#passed < WORTH_WRITING) return
    this.#passed = passedOf(guards)
    this.#writing = this.#write(guards, () => before)
  }

  async #write(guards: Guards, newest: () => string): Promise<void> {
    const { clock, log } = this.#parts
    this.#isWriting = true
    try {
      const witness = await this.#witnessNow()
      if (witness === '' || newest() === '') {
        this.#remove()
        return
      }
      await this.#writer.write(() => ({
        images: imagesOf(guards),
        stamp: { writtenAt: clock.wall(), position: positionOf(guards, newest()), witness },
      }))
      this.#hasFailed = false
      this.#removeAfter(this.#parts.windowMs)
    } catch (error) {
      if (this.#hasFailed) return
      this.#hasFailed = true
      log.warn(
        { problem: messageOf(error) },
        'the next start reads from the ledger what came in the last minutes',
      )
    } finally {
      this.#isWriting = false
    }
  }

  /** Some callback that is in the ledger, and will be for as long as the file counts; empty for none. */
  async #witnessNow(): Promise<string> {
    const { clock, reader, windowMs } = this.#parts
    const now = clock.wall()
    if (Math.abs(now - this.#witness.at) < windowMs / 2) return this.#witness.id
    const [newest] = (await reader.callbacks({ limit: 1 })).rows
    if (newest !== undefined) this.#witness = { id: newest.id, at: now }
    return newest?.id ?? ''
  }

  async #judge({ writtenAt, witness }: GuardStamp): Promise<void> {
    const { windowMs, clock, reader } = this.#parts
    const age = clock.wall() - writtenAt
    must(age >= 0 && age < windowMs, 'a time too long ago, or still to come')
    must((await reader.callback(witness)) !== undefined, 'callbacks of another ledger')
  }

  /** There are answers in it, which the ledger does not keep for longer either. */
  #removeAfter(ms: number): void {
    clearTimeout(this.#removal)
    this.#removal = setTimeout(() => {
      if (!this.#isWriting) this.#remove()
    }, ms).unref()
  }

  #remove(): void {
    this.#writer.goOn(new Map())
    try {
      for (const path of [this.#path, piecesPathOf(this.#path)]) rmSync(path, { force: true })
    } catch (error) {
      this.#parts.log.warn({ problem: messageOf(error) }, 'a file of the replay guard cannot be removed')
    }
  }
}

function imagesOf({ guard, repeats }: Guards): readonly Image[] {
  return [guard.image(), repeats.image()]
}

function newestOf({ guard, repeats }: Guards): string {
  return guard.newest > repeats.newest ? guard.newest : repeats.newest
}

function passedOf({ guard, repeats }: Guards): number {
  return Math.max(guard.passed, repeats.passed)
}

/** Before every callback that is under way, and not after the newest that is known to have none before it outside. */
function positionOf({ guard, repeats }: Guards, newest: string): string {
  const since = Math.min(guard.underWaySince(), repeats.underWaySince())
  if (since === Infinity) return newest
  const before = firstIdAt(since)
  return before < newest ? before : newest
}
