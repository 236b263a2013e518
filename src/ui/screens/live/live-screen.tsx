import './live.css'

import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react'

import { useRoutes } from '../../api/queries.ts'
import { count, plural } from '../../format/amount.ts'
import { Icon } from '../../parts/icons.tsx'
import { Empty, Loading, Warning } from '../../parts/notes.tsx'
import { RouteChoice } from '../../parts/route-choice.tsx'
import { changeParams, usePlace } from '../../place.ts'
import { useKeys, useRowKeys } from '../../state/keys.ts'
import { useLink, useLiveState } from '../../state/live.tsx'
import type { LiveState } from '../../state/live-store.ts'
import { useNow } from '../../state/now.ts'
import { type FilterId, filters, fits } from './filters.ts'
import { LiveList } from './live-list.tsx'
import { totals } from './totals.ts'

const DEFAULT_DEADLINE_MS = 3000
/** The chart comes after the rows: they are what somebody waits for. */
const RateChart = lazy(() => import('./rate-chart.tsx').then((loaded) => ({ default: loaded.RateChart })))

/** What happens now. */
export function LiveScreen() {
  const place = usePlace()
  const live = useLiveState()
  const deadlineOf = useDeadlines()
  const [held, setHeld] = useState<LiveState>()
  const filter = filters.find(({ id }) => id === place.params.get('show'))?.id ?? ''
  const route = place.params.get('route') ?? ''
  const shown = useDeferredValue(held ?? live)
  const rows = useMemo(
    () =>
      shown.rows.filter(
        (row) => (route === '' || row.route === route) && fits(row, filter, deadlineOf(row.route)),
      ),
    [shown, filter, route, deadlineOf],
  )
  const show = (id: FilterId): void => changeParams(place, { show: id })
  const pause = (): void => setHeld(held === undefined ? live : undefined)
  useRowKeys()
  useKeys({
    ' ': (event) => {
      event.preventDefault()
      pause()
    },
    f: () => show(filter === 'failed' ? '' : 'failed'),
  })
  const fresh = held === undefined ? 0 : live.added - held.added
  return (
    <>
      <Head isHeld={held !== undefined} onPause={pause} />
      <Rate live={live} />
      <LeftOut live={live} />
      <Toolbar filter={filter} route={route} onChange={(changes) => changeParams(place, changes)} />
      <section className="panel live" aria-label="Live">
        {fresh > 0 && (
          <button type="button" className="fresh" onClick={() => setHeld(undefined)}>
            <Icon name="up" /> {count(fresh)} new
          </button>
        )}
        {rows.length === 0 ? (
          <Nothing
            isFiltered={live.rows.length > 0}
            onAll={() => changeParams(place, { show: '', route: '' })}
          />
        ) : (
          <LiveList
            rows={rows}
            deadlineOf={deadlineOf}
            onScroll={(isAtTop) => {
              if (isAtTop) setHeld(undefined)
              else if (held === undefined) setHeld(live)
            }}
          />
        )}
      </section>
    </>
  )
}

function useDeadlines(): (route: string) => number {
  const { data } = useRoutes()
  return useMemo(() => {
    const deadlines = new Map(data?.rows.map((row) => [row.id, row.deadline_ms]))
    return (route) => deadlines.get(route) ?? DEFAULT_DEADLINE_MS
  }, [data])
}

function Head({ isHeld, onPause }: { readonly isHeld: boolean; readonly onPause: () => void }) {
  return (
    <div className="screen-head">
      <h1>Live</h1>
      <p className="lead">Every callback as it comes; the line in each bar is the provider’s deadline.</p>
      <div className="tools">
        <button type="button" className="button" aria-pressed={isHeld} onClick={onPause}>
          <Icon name={isHeld ? 'play' : 'pause'} />
          {isHeld ? 'Go on' : 'Pause'}
        </button>
      </div>
    </div>
  )
}

function Rate({ live }: { readonly live: LiveState }) {
  const now = useNow()
  const { ok, failed } = totals(live.seconds)
  return (
    <section className="panel rate" aria-label="Last five minutes">
      <dl className="rate-facts">
        <div>
          <dt>Last 5 minutes</dt>
          <dd className="numbers">{count(ok + failed)}</dd>
        </div>
        <div data-tone={failed > 0 ? 'bad' : 'good'}>
          <dt>Failed</dt>
          <dd className="numbers">{count(failed)}</dd>
        </div>
      </dl>
      <Suspense fallback={<div className="rate-chart" />}>
        <RateChart seconds={live.seconds} now={now} />
      </Suspense>
    </section>
  )
}

/** What this screen does not show, although it happened. */
function LeftOut({ live: { dropped, hasHole } }: { readonly live: LiveState }) {
  return (
    <>
      {dropped > 0 && (
        <Warning>{plural(dropped, 'event')} left out: more came than this browser could take.</Warning>
      )}
      {hasHole && (
        <Warning>
          Not all that came while the page was cut off can be told here; <a href="#/search">the search</a> has
          all of it.
        </Warning>
      )}
    </>
  )
}

function Toolbar(props: {
  readonly filter: FilterId
  readonly route: string
  readonly onChange: (changes: Readonly<Record<string, string>>) => void
}) {
  return (
    <div className="toolbar">
      <Chips filter={props.filter} onChange={(show) => props.onChange({ show })} />
      <RouteChoice
        className="route-choice"
        route={props.route}
        onChange={(route) => props.onChange({ route })}
      />
    </div>
  )
}

function Chips(props: { readonly filter: FilterId; readonly onChange: (id: FilterId) => void }) {
  return (
    <div className="chips" role="group" aria-label="Show">
      {filters.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          className="chip"
          aria-pressed={props.filter === id}
          onClick={() => props.onChange(id)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}

function Nothing({ isFiltered, onAll }: { readonly isFiltered: boolean; readonly onAll: () => void }) {
  const link = useLink()
  if (isFiltered) {
    const all = (
      <button type="button" className="button" onClick={onAll}>
        Show all
      </button>
    )
    return (
      <Empty title="No match" actions={all}>
        Callbacks came, but none that fits the chosen filter.
      </Empty>
    )
  }
  if (link === 'connecting') return <Loading what="callbacks" />
  const start = (
    <a className="button primary" href="#/start">
      Send a test callback
    </a>
  )
  return (
    <Empty icon="live" title="Nothing has come yet" actions={start}>
      <p>The first callback appears here by itself, the moment it arrives.</p>
    </Empty>
  )
}
