/** So many cells in a row that belong together. */
export interface Block {
  readonly size: number
  /** Cells that hold where a further block lies; 0 until something is counted there. */
  readonly links: readonly { readonly at: number; readonly to: () => Block }[]
}

/** A block with the place of each part, counted from where the block begins. */
export interface Layout<Name extends string> extends Block {
  readonly at: Readonly<Record<Name, number>>
}

/** What a block is made of: cells, a block inside it, or links to blocks that are made when they are needed. */
type Part = number | { readonly within: Block } | { readonly links: number; readonly to: () => Block }

/** The parts one behind the other: what is touched together shall stand together. */
export function layOut<Name extends string>(parts: Readonly<Record<Name, Part>>): Layout<Name> {
  const at = {} as Record<Name, number>
  const links: Block['links'][number][] = []
  let size = 0
  for (const [name, part] of Object.entries(parts) as [Name, Part][]) {
    const start = size
    at[name] = start
    if (typeof part === 'number') {
      size += part
    } else if ('within' in part) {
      links.push(...part.within.links.map((link) => ({ at: start + link.at, to: link.to })))
      size += part.within.size
    } else {
      for (; size < start + part.links; size += 1) links.push({ at: size, to: part.to })
    }
  }
  return { size, links, at }
}

/** A callback that a bucket of a histogram names. */
export interface Exemplar {
  readonly callbackId: string
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * Numbers of everything in one array: thousands of routes are nothing that the garbage collector would have to walk
 * through, and what one callback counts lies in a few cache lines. Blocks are never given back one by one: what shall
 * be kept is copied into a new slab.
 */
export class Slab {
  /** Taken anew after each block that was taken: the array is another one when it grew. */
  cells: Float64Array<ArrayBuffer>
  /** By place of the bucket; undefined where the exposition holds none. */
  readonly exemplars: Map<number, Exemplar> | undefined
  #used: number

  /** @param blank cells at 0 that nothing is ever counted in: what no link leads to yet reads as they do */
  constructor(options: { readonly blank: number; readonly room: number; readonly hasExemplars: boolean }) {
    this.#used = options.blank
    this.cells = new Float64Array(options.blank + options.room)
    this.exemplars = options.hasExemplars ? new Map() : undefined
  }

  read(at: number): number {
    return this.cells[at] ?? 0
  }

  add(at: number, amount = 1): void {
    this.cells[at] = (this.cells[at] ?? 0) + amount
  }

  /** Where a new block lies, all zeros. */
  take({ size }: Block): number {
    const at = this.#used
    this.#used += size
    if (this.#used > this.cells.length) {
      const length = Math.ceil(this.#used * 1.25)
      this.cells = new Float64Array(this.cells.buffer.transfer(length * this.cells.BYTES_PER_ELEMENT))
    }
    return at
  }

  /** Where the block lies that a cell links to; it is made when there is none. */
  linked(link: number, block: Block): number {
    const found = this.read(link)
    if (found !== 0) return found
    const made = this.take(block)
    this.cells[link] = made
    return made
  }

  /** Takes a block over from another slab, with all that it links to. Returns where it lies here. */
  copy(block: Block, from: Slab, start: number): number {
    const at = this.take(block)
    this.cells.set(from.cells.subarray(start, start + block.size), at)
    if (from.exemplars !== undefined) {
      for (let cell = 0; cell < block.size; cell += 1) {
        const exemplar = from.exemplars.get(start + cell)
        if (exemplar !== undefined) this.exemplars?.set(at + cell, exemplar)
      }
    }
    for (const link of block.links) {
      const further = from.read(start + link.at)
      if (further === 0) continue
      const copied = this.copy(link.to(), from, further)
      this.cells[at + link.at] = copied
    }
    return at
  }
}
