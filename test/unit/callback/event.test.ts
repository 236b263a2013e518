import { describe, expect, test } from 'vitest'

import {
  eventNames,
  eventRow,
  isWanted,
  longEventName,
  NO_EVENT,
  OTHER_EVENT,
} from '../../../src/callback/event.ts'

describe('names', () => {
  test('no two rows of the table share one', () => {
    expect(new Set(eventNames).size).toBe(eventNames.length)
    expect(eventNames).toContain(NO_EVENT)
    expect(eventNames).toContain(OTHER_EVENT)
  })

  test('every topic is a known event itself', () => {
    const topics = eventNames.flatMap((name) => eventRow(name)?.topic ?? [])
    expect(eventNames).toEqual(expect.arrayContaining(topics))
  })

  test.each([
    ['answered', 'call.answered'],
    ['initiated', 'call.initiated'],
    ['call.answered', 'call.answered'],
    ['recording.completed', 'recording.completed'],
    ['Hangup', 'Hangup'],
    ['hangup', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('%j in a filter means %j', (name, long) => {
    expect(longEventName(name)).toBe(long)
  })

  test('what the provider executes is xml', () => {
    for (const name of ['StartApp', 'Transfer', 'Redirect', 'DialAction'])
      expect(eventRow(name)?.kind).toBe('xml')
    for (const name of ['Ring', 'Hangup', 'RecordStop', 'call.answered'])
      expect(eventRow(name)?.kind).toBe('notify')
  })
})

describe('filters', () => {
  test('no filter wants everything', () => {
    for (const name of eventNames) expect(isWanted(name, undefined)).toBe(true)
  })

  test('a topic wants the events of both vocabularies', () => {
    const filter = new Set(['call.completed'])
    expect(isWanted('call.completed', filter)).toBe(true)
    expect(isWanted('Hangup', filter)).toBe(true)
    expect(isWanted('call.answered', filter)).toBe(false)
    expect(isWanted('RecordStop', filter)).toBe(false)
  })

  test('a name on the wire wants itself alone', () => {
    expect(isWanted('Hangup', new Set(['Hangup']))).toBe(true)
    expect(isWanted('call.completed', new Set(['Hangup']))).toBe(false)
  })

  test('what has no known name is not among the wanted', () => {
    expect(isWanted(NO_EVENT, new Set(['call.completed']))).toBe(false)
    expect(isWanted(OTHER_EVENT, new Set(['call.completed']))).toBe(false)
  })
})
