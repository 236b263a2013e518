import { describe, expect, it } from 'vitest'

import { readPage } from '../../../src/reconcile/call-record.ts'
import { judgeCall, type KnownCallback } from '../../../src/reconcile/judge-call.ts'
import { callRecord } from '../../support/vobiz-stand-in.ts'

const at = Date.UTC(2026, 4, 11, 6, 59, 26)

function record(code = 4000, name = 'Normal Hangup') {
  const body = {
    data: [
      callRecord('call-1', {
        startedAt: at,
        endedAt: at + 6000,
        hangup_cause_code: code,
        hangup_cause_name: name,
      }),
    ],
  }
  const [found] = readPage(body).records
  if (found === undefined) throw new Error('no record was read')
  return found
}

function callback(event: string, more: Partial<KnownCallback> = {}): KnownCallback {
  return {
    id: `id-of-${event}`,
    event,
    kind: event === 'Hangup' ? 'notify' : 'xml',
    answer_status: 200,
    ...more,
  }
}

describe('a call of the records', () => {
  it('fits when its callbacks came, with its end', () => {
    expect(judgeCall(record(), [callback('StartApp'), callback('Hangup')], true)).toBeUndefined()
    expect(judgeCall(record(), [callback('call.completed')], true)).toBeUndefined()
  })

  it('without any callback is reported, with what Vobiz says of it', () => {
    expect(judgeCall(record(), [], true)).toEqual({
      finding: 'no_callback',
      reason: 'no callback of this call came here',
      callbackId: '',
    })
    expect(judgeCall(record(7011, 'Error Reaching Answer URL'), [], true)?.reason).toBe(
      'no callback of this call came here; Vobiz says 7011 Error Reaching Answer URL',
    )
  })

  it('that lacks its end is reported, unless the account is sent no ends', () => {
    expect(judgeCall(record(), [callback('StartApp')], true)?.finding).toBe('no_end')
    expect(judgeCall(record(), [callback('StartApp')], false)).toBeUndefined()
  })

  it.each([
    [7011, 'StartApp'],
    [8011, 'none'],
    [8012, 'DialAction'],
    [7022, 'none'],
    [7013, 'Transfer'],
    [7034, 'Redirect'],
    [8014, 'Redirect'],
  ])(
    'that blames our answer (%i) although %s was answered with 200 is reported with that callback',
    (code, event) => {
      const callbacks = [callback(event), callback('Hangup')]
      expect(judgeCall(record(code, ''), callbacks, true)).toMatchObject({
        finding: 'answer_blamed',
        callbackId: `id-of-${event}`,
      })
    },
  )

  it('that blames an answer which the ledger knows to have failed fits: its own alert told that', () => {
    const callbacks = [callback('StartApp', { answer_status: 502 }), callback('Hangup')]
    expect(judgeCall(record(7011), callbacks, true)).toBeUndefined()
  })

  it('that blames a URL which was never asked here is reported as passing by', () => {
    const callbacks = [callback('StartApp'), callback('Hangup')]
    expect(judgeCall(record(7013, 'Error Reaching Transfer URL'), callbacks, true)).toEqual({
      finding: 'step_missing',
      reason: 'Vobiz says 7013 Error Reaching Transfer URL, and no callback of the transfer URL came here',
      callbackId: '',
    })
  })

  it('that ended for a reason of its own blames nobody', () => {
    for (const code of [0, 3010, 4010, 6010, 7015, 9000]) {
      expect([code, judgeCall(record(code), [callback('StartApp'), callback('Hangup')], true)]).toEqual([
        code,
        undefined,
      ])
    }
  })
})

describe('a page of records', () => {
  it('is read in the form of the documents, and nothing else is taken for one', () => {
    expect(record()).toEqual({
      callId: 'call-1',
      bridgeId: '',
      direction: 'inbound',
      numbers: ['+14155551234', '+918065480214'],
      context: 'voice-api',
      startedAt: at,
      endedAt: at + 6000,
      hangup: { cause: 'NORMAL_CLEARING', code: 4000, name: 'Normal Hangup', source: 'Caller' },
    })
    for (const body of [null, [], 'x', {}, { data: {} }]) expect(() => readPage(body)).toThrow(RangeError)
  })

  it('passes over records that cannot be compared, and reads odd ones', () => {
    const odd = { uuid: 'odd', end_time: '2026-05-11 06:59:32', hangup_cause_code: '7011', bridge_uuid: 5 }
    const { records, hasNext } = readPage({
      data: [null, 7, {}, { uuid: 'no-time' }, { end_time: '2026-05-11T06:59:32Z' }, odd],
      pagination: { has_next: true },
    })
    expect(hasNext).toBe(true)
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({
      callId: 'odd',
      bridgeId: '',
      startedAt: at + 6000,
      hangup: { code: 7011 },
    })
  })
})
