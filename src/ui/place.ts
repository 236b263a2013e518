import { useSyncExternalStore } from 'react'

import { addressOf, type Place, placeOf } from './address.ts'

/** Where the reader is. */
export function usePlace(): Place {
  return placeOf(useSyncExternalStore(subscribe, () => location.hash))
}

export function go(address: string): void {
  location.hash = address
}

/** Changes parameters of where the reader is, without a step of its own in the history. */
export function changeParams(place: Place, changes: Readonly<Record<string, string>>): void {
  const params = { ...Object.fromEntries(place.params), ...changes }
  history.replaceState(null, '', addressOf(place.parts, params))
  globalThis.dispatchEvent(new HashChangeEvent('hashchange'))
}

function subscribe(listener: () => void): () => void {
  globalThis.addEventListener('hashchange', listener)
  return () => globalThis.removeEventListener('hashchange', listener)
}
