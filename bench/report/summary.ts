import type { Contender } from '../contenders/contender.ts'
import type { Sample } from '../measure/rounds.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What the rounds came to for one contender. */
export interface Summary {
  readonly contender: string
  readonly does: string
  readonly perSecond: Spread
  readonly cpuUs: Spread
  /** Of that the main thread, and the threads of the ledger. */
  readonly mainUs: Spread
  /** Of the main threads that of the first process: with workers, of their owner. */
  readonly rootUs: Spread
  readonly ledgerUs: Spread
  /** CPU of generator and upstream together for each request. */
  readonly loadUs: Spread
  readonly rssMiB: Spread
  readonly peakRssMiB: number
  /** Latency in milliseconds at each open-loop rate. */
  readonly latency: readonly { readonly rate: number; readonly p50: Spread; readonly p99: Spread }[]
  readonly errors: number
  /** Answered requests that never reached the upstream. */
  readonly notForwarded: number
}

/** Share of the machine taken by others above which a window is left out, if enough quiet ones remain. */
export const NOISY = 0.1

export function summarise(contender: Contender, all: readonly Sample[], rates: readonly number[]): Summary {
  const own = all.filter((sample) => sample.contender === contender.name)
  const saturated = clean(own.filter((sample) => sample.rate === 0))
  return {
    contender: contender.name,
    does: contender.does,
    perSecond: spreadOf(saturated.map(({ window }) => window.answered / window.seconds)),
    cpuUs: spreadOf(saturated.map(({ cpuUs }) => cpuUs)),
    mainUs: spreadOf(saturated.map(({ mainUs }) => mainUs)),
    rootUs: spreadOf(saturated.map(({ rootUs }) => rootUs)),
    ledgerUs: spreadOf(saturated.map(({ ledgerUs }) => ledgerUs)),
    loadUs: spreadOf(saturated.map(({ loadUs }) => loadUs)),
    rssMiB: spreadOf(own.map(({ rssMiB }) => rssMiB)),
    peakRssMiB: Math.max(...own.map(({ peakRssMiB }) => peakRssMiB)),
    latency: rates.map((rate) => {
      const paced = clean(own.filter((sample) => sample.rate === rate))
      return {
        rate,
        p50: spreadOf(paced.map(({ window }) => window.p50)),
        p99: spreadOf(paced.map(({ window }) => window.p99)),
      }
    }),
    errors: sum(own.map(({ window }) => window.errors)),
    notForwarded: sum(own.map(({ window, forwarded }) => Math.max(0, window.answered - forwarded))),
  }
}

/** The windows in which the machine was left alone; when those are less than half, the quieter half. */
function clean(samples: readonly Sample[]): Sample[] {
  const byNoise = samples.toSorted((a, b) => a.foreignShare - b.foreignShare)
  const quiet = byNoise.filter(({ foreignShare }) => foreignShare <= NOISY)
  return byNoise.slice(0, Math.max(quiet.length, Math.ceil(samples.length / 2)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
