import { expect, test } from 'vitest'

import type { LedgerWriter } from '../../src/ledger/ledger.ts'
import { openLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics/create-metrics.ts'
import { createRecorder } from '../../src/record.ts'
import { HeldClock } from '../support/held-clock.ts'

/** A ledger whose disk is done when it is told so. */
function slowLedger() {
  const disk = Promise.withResolvers<void>()
  return { writer: { secured: () => disk.promise } as unknown as LedgerWriter, done: disk.resolve }
}

function recorderOn(writer: LedgerWriter) {
  const clock = new HeldClock()
  const lines: string[] = []
  const log = openLog('info', { write: (text) => void lines.push(...text.trimEnd().split('\n')) })
  const metrics = createMetrics({ version: '1' })
  const recorder = createRecorder({ clock, ledger: writer, log, metrics, listeners: [] })
  return {
    clock,
    recorder,
    late: async () =>
      Number(/^ringback_ledger_writes_total\{result="late"\} (\d+)$/m.exec(await metrics.text())?.[1] ?? 0),
    said: () => {
      log.flush()
      return lines.map((line) => (JSON.parse(line) as { callbacks: number }).callbacks)
    },
    [Symbol.dispose]: () => log.close(),
  }
}

test('a commit of over 50 ms holds up no callback any longer; each is counted, and a line tells all of ten seconds', async () => {
  using rig = recorderOn(slowLedger().writer)
  const { clock, recorder } = rig
  const wait = async (callbacks: number): Promise<void> => {
    const going = Array.from({ length: callbacks }, () => recorder.commit(1))
    clock.advance(60)
    await Promise.all(going)
  }
  await wait(1)
  expect(rig.said()).toEqual([1])
  await wait(3)
  expect(rig.said()).toEqual([1])
  clock.advance(10_000)
  await wait(2)
  expect(rig.said()).toEqual([1, 4])
  expect(await rig.late()).toBe(6)
})

test('a commit within 50 ms is waited for, and nothing is said of it', async () => {
  const { writer, done } = slowLedger()
  using rig = recorderOn(writer)
  let isOver = false
  const going = rig.recorder.commit(1).then(() => (isOver = true))
  rig.clock.advance(49)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(isOver).toBe(false)
  done()
  await going
  rig.clock.advance(60)
  expect(await rig.late()).toBe(0)
  expect(rig.said()).toEqual([])
})
