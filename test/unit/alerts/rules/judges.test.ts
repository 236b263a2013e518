import { describe, expect, it } from 'vitest'

import { CallsUnderWay } from '../../../../src/alerts/rules/calls-under-way.ts'
import { parseSpan, isWithin, wallTime } from '../../../../src/alerts/rules/schedule.ts'
import {
  judgeBacklogAge,
  judgeCertificate,
  judgeDeadLetters,
  judgeLedger,
} from '../../../../src/alerts/rules/standing.ts'
import { type Counter, counters, type Counts, Tallies } from '../../../../src/alerts/rules/tally.ts'
import { type Unwritable, unwritableNow } from '../../../../src/alerts/rules/unwritable.ts'
import { judgeFailureRate, judgeSignatureFailures } from '../../../../src/alerts/rules/traffic.ts'
import { ruleSettings } from '../../../support/alert-bench.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
const rules = ruleSettings()

function counts(over: Partial<Record<Counter, number>>): Counts {
  return { ...(Object.fromEntries(counters.map((name) => [name, 0])) as Record<Counter, number>), ...over }
}

function verdict(failed: number, callbacks: number): string {
  return judgeFailureRate(counts({ failed, callbacks }), rules.failure_rate).verdict
}

function holds(text: string, at: number, zone = 'UTC'): boolean {
  const span = parseSpan(text)
  return span !== undefined && isWithin(span, wallTime(at, zone))
}

describe('a share of callbacks', () => {
  it('is bad above its limit, good below half of it, and says nothing of too few', () => {
    expect(verdict(21, 100)).toBe('bad')
    expect(verdict(20, 100)).toBe('unclear')
    expect(verdict(11, 100)).toBe('unclear')
    expect(verdict(10, 100)).toBe('good')
    expect(verdict(19, 19)).toBe('unclear')
    expect(verdict(0, 0)).toBe('good')
  })

  it('is told with its numbers and its limit', () => {
    expect(judgeFailureRate(counts({ failed: 30, callbacks: 40 }), rules.failure_rate).reason).toBe(
      '30 of 40 callbacks failed in 5 min (75 %, limit 20 %)',
    )
  })

  it('says so when too few were counted to decide, unless none of them is to blame', () => {
    const reason = (failed: number, callbacks: number, settings = rules.failure_rate) =>
      judgeFailureRate(counts({ failed, callbacks }), settings).reason
    expect(reason(5, 8)).toBe(
      '5 of 8 callbacks failed in 5 min (62.5 %, limit 20 %); fewer than 20 decide nothing',
    )
    expect(reason(5, 8, { ...rules.failure_rate, min_callbacks: 9 })).toContain('; fewer than 9 decide')
    expect(reason(5, 20)).not.toContain('fewer')
    expect(reason(0, 8)).not.toContain('fewer')
  })
})

describe('a count', () => {
  it('is bad at its limit and good at none', () => {
    const verdicts = [10, 9, 0].map(
      (refused) => judgeSignatureFailures(counts({ refused }), rules.signature_failures).verdict,
    )
    expect(verdicts).toEqual(['bad', 'unclear', 'good'])
  })
})

describe('a tally', () => {
  it('sums up its window and forgets what is older', () => {
    let now = NOW
    const tally = new Tallies({ wall: () => now }).take()
    for (let second = 0; second < 3600; second++) tally.add('callbacks', NOW + second * 1000)
    const end = NOW + HOUR - 1000
    now = end
    expect(tally.over(5 * MINUTE, end).callbacks).toBeGreaterThanOrEqual(300)
    expect(tally.over(5 * MINUTE, end).callbacks).toBeLessThanOrEqual(330)
    expect(tally.over(5 * MINUTE, end + 6 * MINUTE).callbacks).toBe(0)
    tally.add('callbacks', NOW - 3 * HOUR)
    expect(tally.over(HOUR, end).callbacks).toBe(3600)
  })

  it('counts on when the clock was set back by more than it reaches', () => {
    let now = NOW
    const tally = new Tallies({ wall: () => now }).take()
    const countForAnHour = (): void => {
      for (const end = now + HOUR; now < end; now += 1000) tally.add('callbacks', now)
    }
    countForAnHour()
    now -= 3 * HOUR
    countForAnHour()
    expect(tally.over(5 * MINUTE, now).callbacks).toBeGreaterThanOrEqual(300)
    expect(tally.over(5 * MINUTE, now).callbacks).toBeLessThanOrEqual(330)
  })

  it('counts each trouble by itself, and forgets it with its bucket', () => {
    const tally = new Tallies({ wall: () => NOW + 2 * HOUR }).take()
    for (const [index, counter] of counters.entries()) tally.add(counter, NOW, index + 1)
    expect(tally.over(MINUTE, NOW)).toEqual(
      counts({ callbacks: 1, failed: 2, slow: 3, missed: 4, byFallback: 5, refused: 6 }),
    )
    // So long after it the same cells are those of another half minute.
    for (let later = 0; later <= 2 * HOUR; later += 30_000) tally.add('callbacks', NOW + later)
    expect(tally.over(HOUR, NOW + 2 * HOUR).callbacks).toBe(121)
    expect(tally.over(HOUR, NOW + 2 * HOUR).refused).toBe(0)
  })

  it('counts apart from others, and one that is given back begins with nothing', () => {
    const tallies = new Tallies({ wall: () => NOW })
    const taken = Array.from({ length: 100 }, () => tallies.take())
    for (const [index, tally] of taken.entries()) {
      tally.add('callbacks', NOW, index + 1)
      tally.add('failed', NOW, index)
      tally.live(NOW + index)
    }
    expect(taken.map((tally) => tally.over(MINUTE, NOW).callbacks)).toEqual(
      taken.map((_, index) => index + 1),
    )
    expect(taken.map((tally) => tally.over(MINUTE, NOW).failed)).toEqual(taken.map((_, index) => index))
    expect(taken.map((tally) => tally.aliveAt)).toEqual(taken.map((_, index) => NOW + index))
    for (const tally of taken.slice(0, 50)) tallies.giveBack(tally)
    for (let more = 0; more < 100; more++) {
      const tally = tallies.take()
      expect([tally.over(HOUR, NOW), tally.aliveAt, tally.troubledAt]).toEqual([
        counts({}),
        -Infinity,
        -Infinity,
      ])
    }
    expect(taken.slice(50).map((tally) => tally.over(MINUTE, NOW).callbacks)).toEqual(
      taken.slice(50).map((_, index) => index + 51),
    )
  })
})

describe('how things stand', () => {
  it('is judged by age, number and time left', () => {
    const age = (ms: number | undefined) =>
      judgeBacklogAge(ms === undefined ? undefined : NOW - ms, rules.backlog_age, NOW).verdict
    expect([age(16 * MINUTE), age(10 * MINUTE), age(MINUTE), age(undefined)]).toEqual([
      'bad',
      'unclear',
      'good',
      'good',
    ])
    expect(judgeDeadLetters(1, rules.dead_letters).verdict).toBe('bad')
    expect(judgeDeadLetters(0, rules.dead_letters).verdict).toBe('good')
    const certificate = (at: number | undefined) =>
      judgeCertificate(at, rules.target_certificate_expiry, NOW).verdict
    expect([certificate(NOW + 15 * DAY), certificate(NOW + 13 * DAY), certificate(NOW - DAY)]).toEqual([
      'good',
      'bad',
      'bad',
    ])
    expect(certificate(undefined)).toBe('unclear')
    const ledger = (since: number, until?: number) =>
      judgeLedger({ since, until, problem: 'disk full' }, rules.ledger_unhealthy, NOW).verdict
    expect([ledger(NOW - 10_000), ledger(NOW - 9000), ledger(NOW - 12_000, NOW - 3000)]).toEqual([
      'bad',
      'unclear',
      'unclear',
    ])
    expect(judgeLedger(undefined, rules.ledger_unhealthy, NOW).verdict).toBe('good')
  })
})

/** What is found of a ledger. @param states whether it can be written, one a second */
function ledgerVerdicts(states: readonly boolean[]): readonly string[] {
  let unwritable: Unwritable | undefined
  return states.map((isWritable, second) => {
    const now = NOW + second * 1000
    unwritable = unwritableNow(unwritable, { isWritable, problem: isWritable ? '' : 'disk full' }, now)
    return judgeLedger(unwritable, rules.ledger_unhealthy, now).verdict
  })
}

describe('a ledger that is looked at every second', () => {
  it('and takes a write now and then is not well for that', () => {
    const found = ledgerVerdicts(Array.from({ length: 20 }, (_, second) => second % 3 === 2))
    expect([found[9], found.slice(10)]).toEqual(['unclear', Array(10).fill('bad')])
  })

  it('and was away for a moment fires nothing, and is well again after five seconds', () => {
    expect(ledgerVerdicts([false, true, true, true, true, true, true])).toEqual([
      ...Array<string>(6).fill('unclear'),
      'good',
    ])
  })
})

describe('calls under way', () => {
  it('are stuck when no end came in time, on routes where ends come at all', () => {
    const calls = new CallsUnderWay()
    const judge = (at: number) => calls.judge(rules.stuck_calls, at).verdict
    for (const id of ['a', 'b', 'c', 'd']) calls.saw('call.answered', id, NOW)
    expect(judge(NOW + 5 * HOUR)).toBe('unclear')
    calls.saw('Hangup', 'd', NOW + HOUR)
    expect(judge(NOW + 3 * HOUR)).toBe('good')
    expect(judge(NOW + 5 * HOUR)).toBe('bad')
    calls.saw('call.completed', 'c', NOW + 5 * HOUR)
    expect(judge(NOW + 5 * HOUR)).toBe('unclear')
  })
})

describe('days and hours', () => {
  it('are read with their days, also over midnight and the end of the week, in their zone', () => {
    expect(holds('mon-fri 08:00-20:00', NOW)).toBe(true) // a Monday
    expect(holds('tue-fri 08:00-20:00', NOW)).toBe(false)
    expect(holds('fri-mon 08:00-20:00', NOW)).toBe(true)
    expect(holds('sun 22:00-06:00', NOW - 7 * HOUR)).toBe(true)
    expect(holds('mon 22:00-06:00', NOW - 7 * HOUR)).toBe(false)
    expect(holds('17:00-18:00', NOW, 'Asia/Kolkata')).toBe(true)
    for (const bad of ['', 'mon', '8-20', '08:00-08:00', 'abc 08:00-09:00', '25:00-26:00']) {
      expect(parseSpan(bad)).toBeUndefined()
    }
  })
})
