import { describe, expect, it } from 'vitest'

import { filterOf, tokensOf } from '../../../src/ui/screens/search/query-text.ts'

describe('the words of the search box', () => {
  it.each([
    ['3f1c-99', { call_id: '3f1c-99' }],
    ['call:3f1c', { call_id: '3f1c' }],
    ['route:billing is:failed', { route: 'billing', failed: 'true' }],
    ['status:5xx', { outcome: 'http_5xx' }],
    ['status:rescued', { result: 'rescued' }],
    ['class:timeout_response since:2h', { outcome: 'timeout_response', since: '2h' }],
    ['since:2026-11-23T14:00:00Z', { since: '2026-11-23T14:00:00Z' }],
    ['EVENT:Hangup', { event: 'Hangup' }],
    ['sip:1234@host', { call_id: 'sip:1234@host' }],
    ['call:"with spaces"', { call_id: 'with spaces' }],
    ['', {}],
  ])('%s asks for %o', (text, filter) => {
    const tokens = tokensOf(text)
    expect(tokens.map(({ problem }) => problem).join('')).toBe('')
    expect(filterOf(tokens)).toEqual(filter)
  })

  it.each([
    ['status:broken', 'status: knows'],
    ['class:5xx', 'class: knows ok'],
    ['is:good', 'is: knows failed'],
    ['route:', 'route: needs a value'],
  ])('%s says what it could be', (text, problem) => {
    expect(tokensOf(text)[0]?.problem).toContain(problem)
  })
})
