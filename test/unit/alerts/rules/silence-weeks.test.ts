import { describe, expect, it } from 'vitest'

import { judgeSilence, learnBaseline } from '../../../../src/alerts/rules/silence.ts'
import { ruleSettings } from '../../../support/alert-bench.ts'
import { HOLIDAY, OUTAGE, rateAt, START, WEEKS } from '../../../support/call-centre.ts'
import { seededRandom } from '../../../support/random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

/** Goes through the weeks by the minute, as the engine does; the moments at which it began to be bad. */
function alarms(settings: ReturnType<typeof ruleSettings>['no_callbacks']): number[] {
  const random = seededRandom(seed)
  const hours = new Map<number, number>()
  const found: number[] = []
  let lastAt: number | undefined
  let baseline = learnBaseline(hours, START, START)
  let isBad = false
  for (let now = START; now < START + WEEKS; now += MINUTE) {
    if (now % (6 * HOUR) === 0) baseline = learnBaseline(hours, START, now)
    if (random() < 1 - Math.exp(-rateAt(now) / 60)) {
      lastAt = now
      const hour = now - (now % HOUR)
      hours.set(hour, (hours.get(hour) ?? 0) + 1)
    }
    const { verdict } = judgeSilence(lastAt, settings, { baseline, now })
    if (verdict === 'bad' && !isBad) found.push(now)
    isBad = verdict === 'bad' || (isBad && verdict === 'unclear')
  }
  return found
}

describe(`silence over seven simulated weeks with nights, Sundays and a holiday (SEED=${seed})`, () => {
  const holiday = new Date(HOLIDAY).toISOString().slice(0, 10)

  it('is told for the real outage only, within ten minutes of its limit, by what is usual', () => {
    const { no_callbacks } = ruleSettings({ no_callbacks: { quiet_days: [holiday] } })
    const found = alarms(no_callbacks)
    expect(found).toHaveLength(1)
    expect(found[0]).toBeGreaterThan(OUTAGE.from + no_callbacks.after - 5 * MINUTE)
    expect(found[0]).toBeLessThan(OUTAGE.from + no_callbacks.after + 10 * MINUTE)
  }, 60_000)

  it('is told for the real outage only by fixed hours', () => {
    const { no_callbacks } = ruleSettings({
      no_callbacks: { active_hours: ['mon-fri 08:00-20:00'], quiet_days: [holiday] },
    })
    const found = alarms(no_callbacks)
    expect(found).toHaveLength(1)
    expect(found[0]).toBeLessThan(OUTAGE.from + no_callbacks.after + 10 * MINUTE)
  }, 60_000)
})
