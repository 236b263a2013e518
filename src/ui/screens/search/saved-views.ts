import { useSyncExternalStore } from 'react'

/** A search under a name, kept in this browser. */
export interface SavedView {
  readonly name: string
  readonly query: string
}

const KEY = 'ringback.views'
const MOST_VIEWS = 30
const listeners = new Set<() => void>()
let current = stored()

export function useSavedViews(): readonly SavedView[] {
  return useSyncExternalStore(subscribe, () => current)
}

/** Keeps a search; one of the same name is replaced. */
export function saveView(view: SavedView): void {
  const others = current.filter(({ name }) => name !== view.name)
  replace([...others, view].slice(-MOST_VIEWS))
}

export function removeView(name: string): void {
  replace(current.filter((view) => view.name !== name))
}

function replace(views: readonly SavedView[]): void {
  current = views
  try {
    localStorage.setItem(KEY, JSON.stringify(views))
  } catch {
    // Without storage they last until the page is left.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function stored(): readonly SavedView[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(read) ? read.filter(isView).slice(-MOST_VIEWS) : []
  } catch {
    return []
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false
  const { name, query } = value as Partial<SavedView>
  return typeof name === 'string' && typeof query === 'string'
}
