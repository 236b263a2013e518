import type { CallbackRow } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { plural } from '../../format/amount.ts'
import { clockTime, span } from '../../format/time.ts'
import { Icon } from '../../parts/icons.tsx'
import { usePreferences } from '../../state/preferences.ts'
import { resultWords } from '../../words/results.ts'
import type { Lane } from './lanes.ts'

const LEAST_SPAN_MS = 1000

/** The life of a call: a lane for each step, time from left to right. */
export function SwimLanes({ lanes }: { readonly lanes: readonly Lane[] }) {
  const { zone } = usePreferences()
  const times = lanes.flatMap(({ callbacks }) => callbacks.map((row) => row.received_at))
  const from = Math.min(...times)
  const length = Math.max(LEAST_SPAN_MS, Math.max(...times) - from)
  const at = (time: number): string => `calc(14px + (100% - 28px) * ${((time - from) / length).toFixed(5)})`
  return (
    <div className="lanes">
      {lanes.map((lane) => (
        <div key={lane.name} className="lane" data-missing={lane.isMissing}>
          <span className="lane-name">
            <span className="foreign">{lane.name}</span>
            <LaneNote lane={lane} />
          </span>
          <span className="lane-track">
            {lane.callbacks.map((row, index) => (
              <Dot key={row.id} row={row} left={at(row.received_at)} shift={index % 3} />
            ))}
          </span>
        </div>
      ))}
      <div className="lane lane-axis" aria-hidden="true">
        <span />
        <span className="lane-track numbers">
          <span>{clockTime(from, zone)}</span>
          <span>{span(length)}</span>
          <span>{clockTime(from + length, zone)}</span>
        </span>
      </div>
    </div>
  )
}

function LaneNote({ lane }: { readonly lane: Lane }) {
  if (lane.isMissing) return <span className="faint">not seen</span>
  const repeats = lane.callbacks.length
  return (
    <>
      {repeats > 1 && <span className="warn-text">{plural(repeats, 'time')}</span>}
      {lane.isEarly && <span className="warn-text">out of order</span>}
    </>
  )
}

function Dot({
  row,
  left,
  shift,
}: {
  readonly row: CallbackRow
  readonly left: string
  readonly shift: number
}) {
  const { tone, word } = resultWords(row.result)
  return (
    <a
      className="lane-dot"
      data-tone={tone}
      data-duplicate={row.duplicate_of !== ''}
      href={addressOf(['callbacks', row.id])}
      style={{ left, marginTop: shift * 5 }}
      aria-label={`${row.event}: ${word}, ${row.attempts} attempts`}
      title={`${row.event}: ${word}`}
    >
      <Icon name={tone} />
    </a>
  )
}
