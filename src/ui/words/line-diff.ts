/** One line of two texts laid over each other. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'come'
  readonly text: string
}

/** Above this a comparison of every line with every other takes too long; what differs is then shown as a whole. */
const MOST_PAIRS = 400_000

/** Lines of `after` against `before`: the longest common sequence stays, the rest is gone or has come. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middleA = a.slice(head, a.length - tail)
  const middleB = b.slice(head, b.length - tail)
  return [
    ...lines('same', a.slice(0, head)),
    ...(middleA.length * middleB.length > MOST_PAIRS
      ? [...lines('gone', middleA), ...lines('come', middleB)]
      : middle(middleA, middleB)),
    ...lines('same', a.slice(a.length - tail)),
  ]
}

function lines(kind: DiffLine['kind'], texts: readonly string[]): readonly DiffLine[] {
  return texts.map((text) => ({ kind, text }))
}

function middle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const common = commonLengths(a, b)
  const found: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      found.push({ kind: 'same', text: a[i++] ?? '' })
      j++
    } else if ((common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)) {
      found.push({ kind: 'gone', text: a[i++] ?? '' })
    } else {
      found.push({ kind: 'come', text: b[j++] ?? '' })
    }
  }
  return [...found, ...lines('gone', a.slice(i)), ...lines('come', b.slice(j))]
}

/** `[i][j]`: how many lines the rests from i and j on have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    const row = rows[i]
    const below = rows[i + 1]
    if (row === undefined || below === undefined) continue
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return rows
}
