import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

import { ThreadLink } from '../../../../src/ledger/thread-link.ts'

/** A thread that answers with the name of the method, `slow` late; told to end it says so and takes its time. */
const THREAD = `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', (message) => {
    if (message !== 'close') {
      const answer = () => parentPort.postMessage({ id: message.id, value: message.method })
      return message.method === 'slow' ? setTimeout(answer, 300) : answer()
    }
    parentPort.postMessage({ notice: 'leaving' })
    setTimeout(() => parentPort.close(), 100)
  })`

interface Rig {
  readonly link: ThreadLink
  readonly workers: readonly Worker[]
  /** Resolves when a thread was told to end. */
  readonly leaving: Promise<void>
}

function link(idleMs?: number): Rig {
  const workers: Worker[] = []
  const { promise: leaving, resolve } = Promise.withResolvers<void>()
  const start = async () => {
    const worker = new Worker(THREAD, { eval: true })
    workers.push(worker)
    await once(worker, 'online')
    return { worker, ready: { isReady: true, stores: {} } as const }
  }
  const onNotice = (): void => resolve()
  return {
    link: new ThreadLink(start, idleMs === undefined ? { onNotice } : { onNotice, idleMs }),
    workers,
    leaving,
  }
}

test('a thread that nobody asks is ended, and the next question starts another one', async () => {
  const { link: idle, workers, leaving } = link(20)
  await idle.start()
  expect(await idle.ask('', 'first', [])).toBe('first')
  await leaving
  expect(await idle.ask('', 'second', [])).toBe('second')
  expect(workers).toHaveLength(2)
  await idle.close()
})

test('the end of an idle thread takes nothing from those who ask the next one', async () => {
  const { link: idle, workers, leaving } = link(20)
  await idle.ask('', 'first', [])
  await leaving
  const late = idle.ask('', 'slow', [])
  await once(workers[0] as Worker, 'exit')
  expect(await late).toBe('slow')
  await idle.close()
})

test('a thread whose answer somebody waits for is not idle, however long it takes', async () => {
  const { link: idle, workers } = link(20)
  expect(await idle.ask('', 'slow', [])).toBe('slow')
  expect(workers).toHaveLength(1)
  await idle.close()
})

test('closing waits for a thread that is on its way out already', async () => {
  const { link: idle, workers, leaving } = link(20)
  await idle.ask('', 'first', [])
  let isOver = false
  workers[0]?.once('exit', () => (isOver = true))
  await leaving
  await idle.close()
  expect(isOver).toBe(true)
})

test('without a bound it stays until it is closed', async () => {
  const { link: steady, workers } = link()
  await steady.ask('', 'slow', [])
  expect(await steady.ask('', 'again', [])).toBe('again')
  expect(workers).toHaveLength(1)
  await steady.close()
})
