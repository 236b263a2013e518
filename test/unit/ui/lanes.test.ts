import { describe, expect, it } from 'vitest'

import { callVerdict, lanesOf } from '../../../src/ui/screens/call/lanes.ts'
import { callbackRow } from '../../support/admin-parts.ts'

const at = (received: number, event: string, result = 'delivered') =>
  callbackRow({ id: `id-${received}`, received_at: received, event, result })

describe('the lanes of a call', () => {
  it('are its steps in order, in either vocabulary, then everything else', () => {
    const lanes = lanesOf([at(1, 'Ring'), at(2, 'StartApp'), at(3, 'Record'), at(4, 'Hangup')])
    expect(lanes.map(({ name, callbacks }) => [name, callbacks.length])).toEqual([
      ['Initiated', 1],
      ['Answered', 1],
      ['Completed', 1],
      ['Recording', 0],
      ['Record', 1],
    ])
    expect(lanes.map(({ isMissing }) => isMissing)).toEqual([false, false, false, true, false])
  })

  it('tell when a step came before the one it follows', () => {
    const lanes = lanesOf([at(1, 'call.completed'), at(2, 'call.initiated')])
    expect(lanes.filter(({ isEarly }) => isEarly).map(({ name }) => name)).toEqual(['Completed'])
  })
})

describe('was the call billed', () => {
  it.each([
    [[at(1, 'call.initiated')], false, 'No callback says that the call ended'],
    [[at(2, 'Hangup', 'failed')], false, 'never told'],
    [[at(2, 'Hangup', 'rescued')], false, 'being sent again'],
    [[at(2, 'Hangup', 'failed'), at(3, 'Hangup')], true, 'was told that the call ended.'],
    [[at(2, 'call.completed', 'delivered_late')], true, 'later than it should have'],
  ])('%#', (callbacks, isGood, words) => {
    const verdict = callVerdict(callbacks)
    expect(verdict.isGood).toBe(isGood)
    expect(verdict.text).toContain(words)
  })
})
