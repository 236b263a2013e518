/** Order in which arrivals are decided: each waits until `delay` later ones were. */
export function decisionOrder(steps: readonly { readonly delay: number }[]): number[] {
  return steps
    .map(({ delay }, arrival) => ({ arrival, at: arrival + delay }))
    .toSorted((a, b) => a.at - b.at || a.arrival - b.arrival)
    .map(({ arrival }) => arrival)
}

/** Id of the callback that arrived as the so-manieth. */
export function idOf(arrival: number): string {
  return `01K${String(arrival).padStart(23, '0')}`
}
