import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useSyncExternalStore } from 'react'

import type { LiveRow } from '../../state/live-rows.ts'
import { LiveLine } from './live-line.tsx'

const WIDE_PX = 38
const NARROW_PX = 66
const narrow = matchMedia('(max-width: 760px)')

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}

/** Only the lines that are seen stand in the document, however many there are. */
export function LiveList(props: {
  readonly rows: readonly LiveRow[]
  readonly deadlineOf: (route: string) => number
  /** Told whether the reader looks at the newest rows. */
  readonly onScroll: (isAtTop: boolean) => void
}) {
  const { rows, deadlineOf, onScroll } = props
  const box = useRef<HTMLDivElement>(null)
  const isNarrow = useSyncExternalStore(subscribe, () => narrow.matches)
  const height = isNarrow ? NARROW_PX : WIDE_PX
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (at) => rows[at]?.key ?? at,
    overscan: 6,
  })
  return (
    <div
      className="live-box"
      ref={box}
      tabIndex={0}
      role="region"
      aria-label="Callbacks, newest first"
      onScroll={(event) => onScroll(event.currentTarget.scrollTop < 4)}
    >
      <ul style={{ height: list.getTotalSize(), position: 'relative' }}>
        {list.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <li key={key} className="live-slot" style={{ height, transform: `translateY(${start}px)` }}>
              <LiveLine row={row} deadlineMs={deadlineOf(row.route)} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}
