import { availableParallelism } from 'node:os'

import { cpuSeconds, machineBusySeconds } from './proc.ts'

/** Share of the machine that others may take while something is measured. */
const MOST_FOREIGN = 0.1
/** So often is tried for each calm result. */
const TRIES = 2

/** Runs something until it was seen so often on a calm machine; after too many tries what there is must do. */
export async function calmResults<Result>(
  wanted: number,
  run: () => Promise<Result>,
): Promise<{ readonly results: readonly Result[]; readonly isCalm: boolean }> {
  const all: { readonly result: Result; readonly foreign: number }[] = []
  for (let attempt = 0; attempt < wanted * TRIES; attempt++) {
    const [before, startedAt] = [foreignSeconds(), performance.now()]
    const result = await run()
    const seconds = (performance.now() - startedAt) / 1000
    const foreign = (foreignSeconds() - before) / (seconds * availableParallelism())
    all.push({ result, foreign })
    if (all.filter((each) => each.foreign <= MOST_FOREIGN).length === wanted) break
  }
  const calmest = all.toSorted((a, b) => a.foreign - b.foreign).slice(0, wanted)
  return {
    results: calmest.map(({ result }) => result),
    isCalm: calmest.every(({ foreign }) => foreign <= MOST_FOREIGN),
  }
}

/** Processor time of everything that this process did not start. */
function foreignSeconds(): number {
  return machineBusySeconds() - cpuSeconds(process.pid).total
}
