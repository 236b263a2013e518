/** Items that come out in the order of their time, those of the same time in the order in which they were put in. */
export class TimedQueue<Item> {
  readonly #heap: { readonly at: number; readonly number: number; readonly item: Item }[] = []
  #number = 0

  add(at: number, item: Item): void {
    const heap = this.#heap
    let place = heap.push({ at, number: this.#number++, item }) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#isBefore(place, parent)) return
      this.#swap(place, parent)
      place = parent
    }
  }

  /** When the next item is due; Infinity when there is none. */
  nextAt(): number {
    return this.#heap[0]?.at ?? Infinity
  }

  take(): Item | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first?.item
    heap[0] = last
    for (let place = 0; ;) {
      const left = 2 * place + 1
      let least = place
      if (left < heap.length && this.#isBefore(left, least)) least = left
      if (left + 1 < heap.length && this.#isBefore(left + 1, least)) least = left + 1
      if (least === place) return first.item
      this.#swap(place, least)
      place = least
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return false
    return a.at < b.at || (a.at === b.at && a.number < b.number)
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
