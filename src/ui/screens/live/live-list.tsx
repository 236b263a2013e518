import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useSyncExternalStore } from 'react'

import type { LiveRow } from '../../state/live-rows.ts'
import { LiveLine } from './live-line.tsx'

const WIDE_PX = 34
const NARROW_PX = 58
/** The names of the columns stay at the top of the list; on a phone there are none. */
const HEAD_PX = 34
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
    scrollMargin: isNarrow ? 0 : HEAD_PX,
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
      <Columns />
      <ul style={{ height: list.getTotalSize(), position: 'relative' }}>
        {list.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <li
              key={key}
              className="live-slot"
              style={{ height, transform: `translateY(${start - list.options.scrollMargin}px)` }}
            >
              <LiveLine row={row} deadlineMs={deadlineOf(row.route)} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Columns() {
  return (
    <div className="live-line live-columns" aria-hidden="true">
      <span className="cell-mark">Result</span>
      <span className="cell-time">Time</span>
      <span className="cell-event">Event</span>
      <span className="cell-route">Route</span>
      <span className="cell-call">Call</span>
      <span className="cell-why">Why</span>
      <span className="cell-latency">Time to answer</span>
      <span className="cell-told">Told</span>
    </div>
  )
}
