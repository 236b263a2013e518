import { expect, test } from 'vitest'

import { layOut, type Layout, Slab } from '../../../src/metrics/slab.ts'

const leaf = layOut({ one: 1, many: 3 })
const chain: Layout<'value' | 'next'> = layOut({ value: 1, next: { links: 1, to: () => chain } })
const tree = layOut({ own: 2, inside: { within: chain }, leaves: { links: 2, to: () => leaf }, last: 1 })

function newSlab(): Slab {
  return new Slab({ blank: leaf.size, room: tree.size, hasExemplars: true })
}

test('parts stand one behind the other, and what a block inside links to is linked to from outside', () => {
  expect(tree.at).toEqual({ own: 0, inside: 2, leaves: 4, last: 6 })
  expect(tree.size).toBe(7)
  expect(tree.links.map(({ at }) => at)).toEqual([3, 4, 5])
})

test('a slab grows with what is taken, and what was counted stays', () => {
  const slab = newSlab()
  const first = slab.take(tree)
  slab.add(first + tree.at.last, 5)
  const others = Array.from({ length: 100 }, () => slab.take(leaf))
  for (const at of others) slab.add(at + leaf.at.many + 2)
  expect(slab.read(first + tree.at.last)).toBe(5)
  expect(others.map((at) => slab.read(at + leaf.at.many + 2))).toEqual(others.map(() => 1))
})

test('a linked block is made once, and until then its numbers read as zero', () => {
  const slab = newSlab()
  const link = slab.take(tree) + tree.at.leaves
  expect(slab.read(slab.read(link) + leaf.at.one)).toBe(0)
  slab.add(slab.linked(link, leaf) + leaf.at.one)
  slab.add(slab.linked(link, leaf) + leaf.at.one)
  expect(slab.read(slab.read(link) + leaf.at.one)).toBe(2)
})

test('a block is taken over with everything that it links to, and apart from the old one', () => {
  const from = newSlab()
  const old = from.take(tree)
  let link = old + tree.at.inside + chain.at.next
  for (const value of [1, 2, 3]) {
    const next = from.linked(link, chain)
    from.add(next + chain.at.value, value)
    link = next + chain.at.next
  }
  const oldLeaf = from.linked(old + tree.at.leaves + 1, leaf)
  from.add(oldLeaf + leaf.at.one, 9)
  from.exemplars?.set(oldLeaf + leaf.at.one, { callbackId: 'C1', value: 1, at: 2 })

  const to = newSlab()
  to.take(leaf)
  const at = to.copy(tree, from, old)
  from.add(oldLeaf + leaf.at.one)
  const values: number[] = []
  for (let next = to.read(at + tree.at.inside + chain.at.next); next !== 0;) {
    values.push(to.read(next + chain.at.value))
    next = to.read(next + chain.at.next)
  }
  expect(values).toEqual([1, 2, 3])
  const newLeaf = to.read(at + tree.at.leaves + 1)
  expect(to.read(at + tree.at.leaves)).toBe(0)
  expect(to.read(newLeaf + leaf.at.one)).toBe(9)
  expect(to.exemplars?.get(newLeaf + leaf.at.one)?.callbackId).toBe('C1')
})
