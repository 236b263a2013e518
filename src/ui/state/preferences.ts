import { useSyncExternalStore } from 'react'

import type { Zone } from '../format/time.ts'

type Theme = 'system' | 'light' | 'dark'

/** The order in which a key or button goes through them. */
export const nextTheme = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<
  Theme,
  Theme
>

interface Preferences {
  readonly theme: Theme
  readonly zone: Zone
}

const listeners = new Set<() => void>()
let current: Preferences = {
  theme: stored('theme', ['system', 'light', 'dark']) ?? 'system',
  zone: stored('zone', ['local', 'utc']) ?? 'local',
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current)
}

/** Kept in this browser, where it allows that. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change }
  for (const [name, value] of Object.entries(change)) store(name, value)
  if (current.theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = current.theme
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function stored<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
  try {
    const text = localStorage.getItem(`ringback.${name}`)
    return values.find((value) => value === text)
  } catch {
    return undefined
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(`ringback.${name}`, value)
  } catch {
    // Without storage the choice holds until the page is left.
  }
}
