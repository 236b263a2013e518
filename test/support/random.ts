/** A generator of numbers in [0, 1) that repeats itself for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of this run: from the environment when a failure is to be repeated, else a fresh one. */
export function pickSeed(): number {
  return Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
}

export function intBelow(random: () => number, limit: number): number {
  return Math.floor(random() * limit)
}

export function pick<Item>(random: () => number, items: readonly Item[]): Item {
  return items[intBelow(random, items.length)] as Item
}
