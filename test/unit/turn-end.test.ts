import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { TurnEnd } from '../../src/turn-end.ts'

async function untilSeen(seen: readonly unknown[], count: number): Promise<void> {
  while (seen.length < count) await nextTurn()
}

test('what came in during one turn is worked on in a row, and what its promises lead to is written after all of it', async () => {
  const seen: string[] = []
  const writes = new TurnEnd<string>('write', (name) => seen.push(`write ${name}`))
  const works = new TurnEnd<string>('work', (name) => {
    seen.push(`work ${name}`)
    void Promise.resolve().then(async () => {
      await Promise.resolve()
      writes.add(name)
    })
  })
  for (const name of ['a', 'b', 'c']) works.add(name)
  expect(seen).toEqual([])
  await untilSeen(seen, 6)
  expect(seen).toEqual(['work a', 'work b', 'work c', 'write a', 'write b', 'write c'])
})

test('of a crowd the first are written before the last are worked on, and none is left out or done twice', async () => {
  const seen: string[] = []
  const writes = new TurnEnd<number>('write', (number) => seen.push(`write ${number}`))
  const works = new TurnEnd<number>('work', (number) => {
    seen.push(`work ${number}`)
    writes.add(number)
  })
  for (let number = 0; number < 100; number++) works.add(number)
  await untilSeen(seen, 200)
  expect(seen.indexOf('write 0')).toBeLessThan(seen.indexOf('work 20'))
  expect(new Set(seen).size).toBe(200)
  const inOrder = seen.filter((word) => word.startsWith('write')).map((word) => Number(word.slice(6)))
  expect(inOrder).toEqual(Array.from({ length: 100 }, (_, number) => number))
})

test('what is added while its own kind is worked on waits for the next turn', async () => {
  const seen: string[] = []
  const works = new TurnEnd<string>('work', (name) => {
    seen.push(name)
    if (name === 'first') works.add('second')
  })
  const writes = new TurnEnd<string>('write', (name) => seen.push(name))
  works.add('first')
  writes.add('written')
  await untilSeen(seen, 3)
  expect(seen).toEqual(['first', 'written', 'second'])
})
