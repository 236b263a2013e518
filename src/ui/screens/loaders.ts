import type { ComponentType } from 'react'

export interface ScreenProps {
  readonly id: string
}
type ScreenComponent = ComponentType<ScreenProps>

const loaders = {
  live: () => import('./live/live-screen.tsx').then((file) => file.LiveScreen),
  callbacks: () => import('./callback/callback-screen.tsx').then((file) => file.CallbackScreen),
  calls: () => import('./call/call-screen.tsx').then((file) => file.CallScreen),
  routes: () => import('./routes/routes-screen.tsx').then((file) => file.RoutesScreen),
  search: () => import('./search/search-screen.tsx').then((file) => file.SearchScreen),
  incidents: () => import('./incidents/incidents-screen.tsx').then((file) => file.IncidentsScreen),
  incident: () => import('./incidents/incident-screen.tsx').then((file) => file.IncidentScreen),
  silences: () => import('./silences/silences-screen.tsx').then((file) => file.SilencesScreen),
  notifications: () =>
    import('./notifications/notifications-screen.tsx').then((file) => file.NotificationsScreen),
  rules: () => import('./rules/rules-screen.tsx').then((file) => file.RulesScreen),
  'dead-letters': () => import('./rescue/dead-letters-screen.tsx').then((file) => file.DeadLettersScreen),
  replays: () => import('./replays/replays-screen.tsx').then((file) => file.ReplaysScreen),
  replay: () => import('./replays/replay-screen.tsx').then((file) => file.ReplayScreen),
  configuration: () =>
    import('./configuration/configuration-screen.tsx').then((file) => file.ConfigurationScreen),
  reconciliation: () =>
    import('./reconciliation/reconciliation-screen.tsx').then((file) => file.ReconciliationScreen),
  status: () => import('./status/status-screen.tsx').then((file) => file.StatusScreen),
  start: () => import('./start/start-screen.tsx').then((file) => file.StartScreen),
} satisfies Readonly<Record<string, () => Promise<ScreenComponent>>>
export type ScreenName = keyof typeof loaders

/** Screens that show one thing, by the name that stands before its id in the address. */
const single: Readonly<Record<string, ScreenName>> = {
  callbacks: 'callbacks',
  calls: 'calls',
  incidents: 'incident',
  replays: 'replay',
}
/** No address of their own without an id. */
const neverAlone: ReadonlySet<string> = new Set(['callbacks', 'calls', 'incident', 'replay'])

const arrived = new Map<ScreenName, ScreenComponent>()

/** The screen of a place; undefined when there is none. */
export function screenOf([name = 'live', id = '']: readonly string[]): ScreenName | undefined {
  if (id !== '' && name !== 'live') return Object.hasOwn(single, name) ? single[name] : undefined
  return Object.hasOwn(loaders, name) && !neverAlone.has(name) ? (name as ScreenName) : undefined
}

/** Fetches a screen. Rejects when it cannot be had at the moment; the next call tries again. */
export async function loadScreen(name: ScreenName): Promise<ScreenComponent> {
  const component = (await loaders[name]()) as ScreenComponent
  arrived.set(name, component)
  return component
}

/** A screen that is here already. */
export function arrivedScreen(name: ScreenName): ScreenComponent | undefined {
  return arrived.get(name)
}

/** So that going to another screen waits for nothing. */
export function loadAllScreens(): void {
  for (const name of Object.keys(loaders)) loadScreen(name as ScreenName).catch(() => undefined) // when it is shown
}
