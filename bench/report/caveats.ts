import type { Sample } from '../measure/rounds.ts'
import { NOISY, type Summary } from './summary.ts'
import { fixed, whole } from './numbers.ts'

/** What a reader must know before believing the table. */
export function caveats(summaries: readonly Summary[], samples: readonly Sample[]): string[] {
  const found: string[] = [...loadSentence(summaries)]
  const proxies = summaries.filter(({ contender }) => contender !== 'direct')
  const ceiling = summaries.find(({ contender }) => contender === 'direct')?.perSecond.median ?? Number.NaN
  const near = proxies.filter(({ perSecond }) => perSecond.median * 3 > ceiling)
  if (near.length > 0) {
    const names = near.map(
      ({ contender, perSecond }) => `${contender} ${fixed(ceiling / perSecond.median, 1)}`,
    )
    found.push(
      `Generator and upstream alone reach ${whole(ceiling)}/s. That is less than 3 × the figure of some (${names.join(', ')}), which are held back by it: compare their CPU, not their requests/s.`,
    )
  }
  const noisy = samples.filter(({ foreignShare }) => foreignShare > NOISY).length
  if (noisy > 0) {
    const worst = Math.max(...samples.map(({ foreignShare }) => foreignShare))
    found.push(
      `In ${noisy} of ${samples.length} windows other processes took more than ${NOISY * 100} % of the machine (up to ${fixed(worst * 100, 0)} %). The figures stand on the quiet windows, or on the quieter half where few were quiet; CPU suffers least from such noise.`,
    )
  }
  const late = sum(samples.filter(({ rate }) => rate === 0).map(({ window }) => window.signedLate))
  if (late > 0)
    found.push(`${late} requests were signed inside a window, which slows the generator a little.`)
  for (const { contender, errors, notForwarded } of summaries) {
    if (errors > 0) found.push(`${contender}: ${errors} requests were not answered with 200.`)
    if (notForwarded > 0) found.push(`${contender}: ${notForwarded} answers without a forwarded request.`)
  }
  return found
}

/** Shows how far the generator and the upstream are from being what is measured. */
function loadSentence(summaries: readonly Summary[]): string[] {
  const direct = summaries.find(({ contender }) => contender === 'direct')
  const busiest = summaries
    .filter((row) => row !== direct && row.perSecond.median > 0)
    .toSorted((a, b) => b.loadUs.median * b.perSecond.median - a.loadUs.median * a.perSecond.median)[0]
  if (direct === undefined || busiest === undefined) return []
  const share = (busiest.loadUs.median * busiest.perSecond.median) / 1e6
  return [
    `Generator and upstream took ${fixed(direct.loadUs.median, 0)} µs of CPU a request without a proxy, and at most ${fixed(share * 100, 0)} % of one core behind one (${busiest.contender}).`,
  ]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
