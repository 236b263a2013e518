import { useEffect, useEffectEvent } from 'react'

/** What keys do; names as KeyboardEvent.key has them. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** Listens for single keys, except while somebody types, or holds a key that means something to the browser. */
export function useKeys(keys: Keys): void {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
    if (isTyping || document.querySelector('[role=dialog]') !== null) return
    keys[event.key]?.(event)
  })
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => pressed(event)
    globalThis.addEventListener('keydown', listener)
    return () => globalThis.removeEventListener('keydown', listener)
  }, [])
}

/** Moves the focus among the rows of a screen: j and k as in many lists; Enter opens, because rows are links. */
export function useRowKeys(): void {
  useKeys({ j: () => moveFocus(1), k: () => moveFocus(-1) })
}

function moveFocus(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')].sort(byPosition)
  const at = rows.findIndex((row) => row === document.activeElement)
  rows[at === -1 ? 0 : at + step]?.focus()
}

/** Rows of a virtual list do not stand in the document in the order they are seen in. */
function byPosition(a: HTMLElement, b: HTMLElement): number {
  return a.getBoundingClientRect().top - b.getBoundingClientRect().top
}
