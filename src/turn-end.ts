/** What is done at the end of a turn, in this order: `work` on what came in, then the `write`s that came of it. */
export type Stage = 'work' | 'write'

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
  #items: Item[] = []

  constructor(stage: Stage, work: (item: Item) => void) {
    this.#work = work
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
    this.#items = items.length > MOST_IN_A_ROW ? items.splice(MOST_IN_A_ROW) : []
    for (const item of items) this.#work(item)
  }
}

interface Runnable {
  readonly isEmpty: boolean
  run(): void
}

const stages: Readonly<Record<Stage, Runnable[]>> = { work: [], write: [] }
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
  isPlanned = false
  const isDone = stages.work.every((end) => end.isEmpty) && stages.write.every((end) => end.isEmpty)
  if (!isDone) plan()
}
