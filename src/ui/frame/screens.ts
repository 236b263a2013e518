import type { IconName } from '../parts/icons.tsx'

interface ScreenLink {
  readonly id: string
  readonly label: string
  readonly icon: IconName
}

/** What is looked at every day; the first four have a place at the bottom of a phone. */
export const watching: readonly ScreenLink[] = [
  { id: 'live', label: 'Live', icon: 'live' },
  { id: 'search', label: 'Search', icon: 'search' },
  { id: 'routes', label: 'Routes', icon: 'routes' },
  { id: 'incidents', label: 'Alerts', icon: 'alerts' },
  { id: 'dead-letters', label: 'Rescue', icon: 'rescue' },
]

/** What is needed when something is set up. */
export const settingUp: readonly ScreenLink[] = [
  { id: 'configuration', label: 'Configuration', icon: 'config' },
  { id: 'status', label: 'Status', icon: 'status' },
  { id: 'start', label: 'Try it', icon: 'start' },
]

export const allScreens = [...watching, ...settingUp]

const homes: Readonly<Record<string, string>> = {
  callbacks: 'search',
  calls: 'search',
  silences: 'incidents',
  notifications: 'incidents',
  rules: 'incidents',
  replays: 'dead-letters',
  reconciliation: 'status',
}

/** The entry of the menu under which a place stands. */
export function homeOf(place: string): string {
  return homes[place] ?? place
}
