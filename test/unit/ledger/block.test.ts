import { expect, test } from 'vitest'

import { BlockLines, linesOf } from '../../../src/ledger/stored/block.ts'

test('lines come back as they went in, whatever they hold and however many there are', () => {
  const all = [
    ['a'],
    ['', ''],
    ['é🙂'.repeat(40_000), 'plain', '\u2028'],
    Array.from({ length: 3000 }, (_, n) => `line ${n}`),
  ]
  const lines = new BlockLines()
  for (const each of all) {
    lines.clear()
    for (const line of each) lines.add(line)
    expect(lines.count).toBe(each.length)
    const block = lines.block()
    expect(block && linesOf(block)).toEqual(each)
  }
})

test('without lines there is no block, and a small one is not compressed', () => {
  const lines = new BlockLines()
  expect(lines.block()).toBeUndefined()
  lines.add('small')
  expect(lines.block()?.isPacked).toBe(false)
  lines.add('x'.repeat(4000))
  expect(lines.block()?.isPacked).toBe(true)
})
