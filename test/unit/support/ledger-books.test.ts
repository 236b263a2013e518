import { describe, expect, test } from 'vitest'

import { type Books, compareBooks, type Received, type Written } from '../../support/ledger-books.ts'

function isRescued(event: { readonly callId: string; readonly seq: number }): boolean {
  return event.callId === 'a' && event.seq === 1
}

/** Two calls of three events; the middle one of the first call was rescued and taken at its second attempt. */
function goodBooks(): Books {
  const events = ['a', 'b'].flatMap((callId) =>
    [0, 1, 2].map((seq) => ({ callId, seq, bodyHash: `${callId}${seq}` })),
  )
  const received = events.flatMap((event): Received[] => {
    const one = { ...event, deliveryId: `id-${event.bodyHash}`, attempt: 1, took: !isRescued(event) }
    return isRescued(event) ? [one, { ...one, attempt: 2, took: true }] : [one]
  })
  const written = events.map((event): Written => {
    const ok = { number: 1, outcome: 'ok' }
    return {
      id: `id-${event.bodyHash}`,
      callId: event.callId,
      seq: event.seq,
      result: isRescued(event) ? 'delivered_late' : 'delivered',
      duplicateOf: '',
      attempts: isRescued(event)
        ? [
            { number: 1, outcome: 'http_5xx' },
            { number: 2, outcome: 'ok' },
          ]
        : [ok],
    }
  })
  return { sent: events.map((event) => Object.assign({ status: 200, ms: 20 }, event)), received, written }
}

describe('the comparison of the books', () => {
  test('finds nothing wrong in books that agree', () => {
    const verdict = compareBooks(goodBooks())
    expect(verdict).toEqual({
      problems: [],
      duplicates: 0,
      acknowledged: 6,
      doubtless: 0,
      unwritten: 0,
      delivered: 6,
      slowestMs: 20,
    })
  })

  test('does not miss what was never acknowledged', () => {
    const { sent, received, written } = goodBooks()
    const cut = { callId: 'c', seq: 0, bodyHash: 'c0', status: 0, ms: 5 }
    expect(compareBooks({ sent: [...sent, cut], received, written }).problems).toEqual([])
  })

  const bugs: readonly [string, (books: Books) => Books, RegExp][] = [
    [
      'acknowledged before the commit, then killed',
      ({ sent, received, written }) => ({
        sent,
        received: received.filter(({ callId, seq }) => callId !== 'a' || seq !== 1),
        written: written.filter(({ callId, seq }) => callId !== 'a' || seq !== 1),
      }),
      /a#1: acknowledged and lost/,
    ],
    [
      'dropped when the lease was lost',
      ({ sent, received, written }) => ({
        sent,
        received: received.filter(({ callId, seq, took }) => callId !== 'a' || seq !== 1 || !took),
        written: written.map((row) => (row.id === 'id-a1' ? { ...row, result: 'failed' } : row)),
      }),
      /a#1: acknowledged and lost/,
    ],
    [
      'marked delivered without being delivered',
      ({ sent, received, written }) => ({
        sent,
        received: received.filter(({ callId, seq, took }) => callId !== 'a' || seq !== 1 || !took),
        written,
      }),
      /a#1: the ledger says delivered/,
    ],
    [
      'the next event of the call overtook the rescued one',
      ({ sent, received, written }) => {
        const late = received.filter(({ attempt }) => attempt === 2)
        return { sent, received: [...received.filter(({ attempt }) => attempt === 1), ...late], written }
      },
      /a#1: taken after a#2/,
    ],
    [
      'delivered twice under a new id',
      ({ sent, received, written }) => ({
        sent,
        received: [...received, { ...received[0]!, deliveryId: 'id-new' }],
        written: [...written, { ...written[0]!, id: 'id-new' }],
      }),
      /a#0: taken under 2 delivery ids/,
    ],
    [
      'counted twice: a repeat by the provider that is not marked as one',
      ({ sent, received, written }) => ({
        sent,
        received,
        written: [...written, { ...written[0]!, id: 'id-again', attempts: [] }],
      }),
      /a#0: counted 2 times/,
    ],
    [
      'an attempt that nobody wrote down',
      ({ sent, received, written }) => ({
        sent,
        received: [...received, { ...received[0]!, attempt: 2 }],
        written,
      }),
      /attempt 2 of id-a0 is not in the ledger/,
    ],
    [
      'a changed body',
      ({ sent, received, written }) => ({
        sent,
        received: received.map((each) => (each.callId === 'b' ? { ...each, bodyHash: 'other' } : each)),
        written,
      }),
      /b#0: arrived with another body/,
    ],
  ]
  test.each(bugs)('catches: %s', (_name, seed, found) => {
    expect(compareBooks(seed(goodBooks())).problems.join('\n')).toMatch(found)
  })

  test('tells what the handler took and the ledger never heard of', () => {
    const { sent, received, written } = goodBooks()
    const verdict = compareBooks({ sent, received, written: written.filter(({ id }) => id !== 'id-b0') })
    expect(verdict).toMatchObject({ problems: [], unwritten: 1 })
  })

  test('counts deliveries beyond the first under the same id', () => {
    const { sent, received, written } = goodBooks()
    const verdict = compareBooks({ sent, received: [...received, received[0]!], written })
    expect(verdict.problems).toEqual([])
    expect(verdict.duplicates).toBeCloseTo(1 / 6)
    expect(verdict.doubtless).toBe(1)
  })

  test('tells a delivery that a crash left in doubt from one that the ledger knew of', () => {
    const { sent, received, written } = goodBooks()
    const inDoubt = [
      { number: 1, outcome: 'unknown' },
      { number: 2, outcome: 'ok' },
    ]
    const unknown = written.map((row) =>
      row.id === 'id-a0' ? Object.assign({}, row, { attempts: inDoubt }) : row,
    )
    const twice = [...received, { ...received[0]!, attempt: 2 }]
    expect(compareBooks({ sent, received: twice, written: unknown })).toMatchObject({
      problems: [],
      doubtless: 0,
    })
  })
})
