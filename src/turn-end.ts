/**
 * What is done at the end of a turn, in this order: `work` on what came in, then the `write`s that came of it, then those
 * are told of it (`tell`) for whom nobody waits.
 */
export type Stage = 'work' | 'write' | 'tell'

/**
 * Awaited between two steps of what one callback goes through: all that take the one step in the same turn have taken it
 * before the first of them takes the next. Promises are settled first in, first out, so their order stays.
 */
export const inStep: Promise<void> = Promise.resolve()

/** Items of one kind worked on in a row, so that what each of them makes ready is written within some milliseconds. */
const MOST_IN_A_ROW = 16

/**
 * Puts items off to the end of the present turn of the event loop, where all of a kind are worked on in a row.
 *
 * A callback passes through more code than the processor's nearest cache holds: taken through all of it one by one,
 * each finds the cache filled with what the one before needed last. Stage by stage they find it warm. The same goes for
 * sockets: between two writes of our own lie a hundred microseconds of work, long enough for whoever reads the other
 * end to fall asleep again, and waking it costs more than the write. Figures: docs/performance.md.
 */
export class TurnEnd<Item> implements Runnable {
  readonly #work: (item: Item) => void
  readonly #mostInARow: number
  #items: Item[] = []

  constructor(stage: Stage, work: (item: Item) => void) {
    this.#work = work
    this.#mostInARow = stage === 'tell' ? Infinity : MOST_IN_A_ROW
    stages[stage].push(this)
  }

  add(item: Item): void {
    this.#items.push(item)
    plan()
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** What is added meanwhile waits for the end of the next turn. */
  run(): void {
    if (this.isEmpty) return
    const items = this.#items
    this.#items = items.length > this.#mostInARow ? items.splice(this.#mostInARow) : []
    for (const item of items) this.#work(item)
  }
}

interface Runnable {
  readonly isEmpty: boolean
  run(): void
}

const stages: Readonly<Record<Stage, Runnable[]>> = { work: [], write: [], tell: [] }
let isPlanned = false

function plan(): void {
  if (isPlanned) return
  isPlanned = true
  // Two of them: Node settles the promises that the first one resolved before it runs the second.
  setImmediate(runWork)
  setImmediate(runWrites)
}

function runWork(): void {
  for (const end of stages.work) end.run()
}

function runWrites(): void {
  for (const end of stages.write) end.run()
  for (const end of stages.tell) end.run()
  isPlanned = false
  const isDone = Object.values(stages).every((ends) => ends.every((end) => end.isEmpty))
  if (!isDone) plan()
}
