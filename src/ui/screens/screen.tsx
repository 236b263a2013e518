import { type ComponentType, lazy, Suspense, useEffect } from 'react'

import { Loading } from '../parts/notes.tsx'
import { usePlace } from '../place.ts'
import {
  arrivedScreen,
  loadAllScreens,
  loadScreen,
  type ScreenName,
  type ScreenProps,
  screenOf,
} from './loaders.ts'
import { NoScreen } from './no-screen.tsx'
import { ScreenGuard } from './screen-guard.tsx'

/** The others come when the first one stands. */
const OTHERS_AFTER_MS = 1500

const chosen = new Map<ScreenName, ComponentType<ScreenProps>>()

/** The screen of the address. */
export function Screen() {
  const { parts } = usePlace()
  useEffect(() => {
    const timer = setTimeout(loadAllScreens, OTHERS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  const name = screenOf(parts)
  if (name === undefined) return <NoScreen />
  const Found = componentOf(name)
  const [first = 'live', id = ''] = parts
  return (
    <ScreenGuard key={`${first} ${id}`}>
      <Suspense fallback={<Loading what="the screen" />}>
        <Found id={id} />
      </Suspense>
    </ScreenGuard>
  )
}

/**
 * What is here is shown at once: a lazy component would show its fallback first, and React keeps a fallback up for
 * 300 ms so that it does not flicker.
 */
function componentOf(name: ScreenName): ComponentType<ScreenProps> {
  const known = chosen.get(name)
  if (known !== undefined) return known
  const made = arrivedScreen(name) ?? lazy(() => loadedLater(name))
  chosen.set(name, made)
  return made
}

async function loadedLater(name: ScreenName): Promise<{ readonly default: ComponentType<ScreenProps> }> {
  try {
    return { default: await loadScreen(name) }
  } catch (error) {
    chosen.delete(name) // the next visit tries again
    throw error
  }
}
