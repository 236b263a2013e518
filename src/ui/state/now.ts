import { useSyncExternalStore } from 'react'

const TICK_MS = 1000
let now = Date.now()

function subscribe(listener: () => void): () => void {
  now = Date.now()
  const timer = setInterval(() => {
    now = Date.now()
    listener()
  }, TICK_MS)
  return () => clearInterval(timer)
}

/** The time, told again every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
