import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { inStep, TurnEnd } from '../../src/turn-end.ts'

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

test('whoever only wants to know is told after all that was written in the turn, of a crowd all at once', async () => {
  const seen: string[] = []
  const writes = new TurnEnd<string>('write', (name) => seen.push(name))
  const tells = new TurnEnd<number>('tell', (number) => {
    seen.push(`tell ${number}`)
    if (number === 0) writes.add('written later')
  })
  for (let number = 0; number < 50; number++) tells.add(number)
  writes.add('written')
  await untilSeen(seen, 52)
  const told = Array.from({ length: 50 }, (_, number) => `tell ${number}`)
  expect(seen).toEqual(['written', ...told, 'written later'])
})

test('what is told while somebody is told comes in a turn of its own, without anything else happening', async () => {
  const seen: string[] = []
  const tells = new TurnEnd<string>('tell', (name) => {
    seen.push(name)
    if (name === 'first') tells.add('second')
  })
  tells.add('first')
  await untilSeen(seen, 2)
  expect(seen).toEqual(['first', 'second'])
})

test('those who go in step have all taken one step before the first takes the next', async () => {
  const seen: string[] = []
  const walk = async (name: string): Promise<void> => {
    seen.push(`one ${name}`)
    await inStep
    seen.push(`two ${name}`)
    await inStep
    seen.push(`three ${name}`)
  }
  await Promise.all([walk('a'), walk('b')])
  expect(seen).toEqual(['one a', 'one b', 'two a', 'two b', 'three a', 'three b'])
})
