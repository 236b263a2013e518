import { type ComponentType, lazy, type LazyExoticComponent, Suspense, useEffect } from 'react'

import { Loading } from '../parts/notes.tsx'
import { usePlace } from '../place.ts'
import { LiveScreen } from './live/live-screen.tsx'
import { NoScreen } from './no-screen.tsx'

interface ScreenProps {
  readonly id: string
}

// The live view comes with the page; every other screen is fetched once that stands.
const loaders = {
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
} satisfies Readonly<Record<string, () => Promise<ComponentType<ScreenProps>>>>
type Name = keyof typeof loaders

const loaded = new Map<Name, LazyExoticComponent<ComponentType<ScreenProps>>>()
/** Screens that show one thing, by the name that stands before its id in the address. */
const single: Readonly<Record<string, Name>> = {
  callbacks: 'callbacks',
  calls: 'calls',
  incidents: 'incident',
  replays: 'replay',
}
/** No address of their own without an id. */
const neverAlone: ReadonlySet<string> = new Set(['callbacks', 'calls', 'incident', 'replay'])

/** The screen of the address. */
export function Screen() {
  const { parts } = usePlace()
  useEffect(fetchTheOthers, [])
  const [name = 'live', id] = parts
  if (name === 'live') return <LiveScreen />
  const known = id === undefined || id === '' ? listName(name) : single[name]
  if (known === undefined) return <NoScreen />
  const Found = componentOf(known)
  return (
    <Suspense fallback={<Loading what="the screen" />}>
      <Found key={`${name} ${id ?? ''}`} id={id ?? ''} />
    </Suspense>
  )
}

function listName(name: string): Name | undefined {
  return Object.hasOwn(loaders, name) && !neverAlone.has(name) ? (name as Name) : undefined
}

function componentOf(name: Name): LazyExoticComponent<ComponentType<ScreenProps>> {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const made = lazy(async () => ({ default: (await loaders[name]()) as ComponentType<ScreenProps> }))
  loaded.set(name, made)
  return made
}

/** So that going to another screen waits for nothing. */
function fetchTheOthers(): () => void {
  const timer = setTimeout(() => {
    for (const load of Object.values(loaders)) load().catch(() => undefined) // asked for again when it is shown
  }, 1500)
  return () => clearTimeout(timer)
}
