import { setTimeout as sleep } from 'node:timers/promises'

import { residentMiB } from './proc.ts'
import { type Bench, FIRST_GUESS_PER_SECOND, load } from './rounds.ts'

/** Memory of one contender over minutes at saturation. */
export interface Soak {
  readonly contender: string
  readonly perSecond: number
  readonly errors: number
  /** One look a second, MiB. */
  readonly rssMiB: readonly number[]
  /** Median and highest look of the first minute. */
  readonly medianMiB: number
  readonly peakMiB: number
  /** Growth after the first minute, in the last minute of load, and in the minute after it; MiB a minute (least squares). */
  readonly slopes: { readonly loaded: number; readonly last: number; readonly resting: number }
}

const LOOK_EVERY_MS = 1_000
/** In a minute. */
const LOOKS = 60_000 / LOOK_EVERY_MS
/** Requests are signed ahead for this long at a time; in between the proxy rests for a moment. */
const STRETCH_SECONDS = 10

/** Loads one contender after the other for `seconds` each and watches its memory, then for a minute more at rest. */
export async function soak(bench: Bench, seconds: number, onEnd: (soak: Soak) => void): Promise<Soak[]> {
  const soaks: Soak[] = []
  for (const contender of bench.ready) {
    const pid = contender.child?.pid
    if (pid === undefined) continue
    const looks: number[] = []
    const looking = setInterval(() => looks.push(residentMiB(pid).now), LOOK_EVERY_MS)
    let [answered, errors, under] = [0, 0, 0]
    for (let perSecond = FIRST_GUESS_PER_SECOND; under < seconds;) {
      const stretch = Math.min(STRETCH_SECONDS, seconds - under)
      const window = await load(bench, contender, { rate: 0, seconds: stretch, perSecond })
      perSecond = (window.answered / window.seconds) * 1.3
      answered += window.answered
      errors += window.errors
      under += window.seconds
    }
    const loaded = [...looks]
    await sleep(LOOKS * LOOK_EVERY_MS)
    clearInterval(looking)
    const first = loaded.slice(0, LOOKS)
    const later = loaded.slice(LOOKS)
    const found: Soak = {
      contender: contender.name,
      perSecond: answered / under,
      errors,
      rssMiB: looks,
      medianMiB: first.toSorted((a, b) => a - b)[Math.floor(first.length / 2)] ?? Number.NaN,
      peakMiB: Math.max(...first),
      slopes: {
        loaded: perMinute(later),
        last: perMinute(later.slice(-LOOKS)),
        resting: perMinute(looks.slice(loaded.length)),
      },
    }
    soaks.push(found)
    onEnd(found)
  }
  return soaks
}

/** Slope of the line through looks, for a minute of them. */
function perMinute(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((total, value) => total + value, 0) / values.length
  let [product, square] = [0, 0]
  for (const [step, value] of values.entries()) {
    product += (step - middle) * (value - mean)
    square += (step - middle) ** 2
  }
  return (product / square) * LOOKS
}
