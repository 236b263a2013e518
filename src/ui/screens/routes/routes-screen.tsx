import './routes.css'

import { useIncidents } from '../../api/alert-queries.ts'
import { useRoutes } from '../../api/queries.ts'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { changeParams, usePlace } from '../../place.ts'
import { RouteCard } from './route-card.tsx'
import { byNeed } from './route-state.ts'

const windows = [
  { id: '1h', label: '1 hour' },
  { id: '24h', label: '24 hours' },
  { id: '7d', label: '7 days' },
] as const

/** Every route with its health, those that need somebody first. */
export function RoutesScreen() {
  const place = usePlace()
  const window = windows.find(({ id }) => id === place.params.get('window'))?.id ?? '24h'
  const routes = useRoutes(window)
  const open = useIncidents().data?.rows.filter((row) => row.closed_at === null) ?? []
  const incidentOf = (route: string): string | undefined => open.find((row) => row.route === route)?.id
  return (
    <>
      <div className="screen-head">
        <h1>Routes</h1>
        <p className="lead">Which callbacks go where, and how each route is doing.</p>
        <div className="tools">
          <div className="choice" role="group" aria-label="Window">
            {windows.map(({ id, label }) => (
              <button
                key={id}
                type="button"
                aria-pressed={id === window}
                onClick={() => changeParams(place, { window: id })}
              >
                {label}
              </button>
            ))}
          </div>
        </div>
      </div>
      <Fetched of={routes} what="the routes">
        {({ rows, window_ms: windowMs }) =>
          rows.length === 0 ? (
            <Empty icon="routes" title="No routes yet">
              <p>
                Add an account or a route to the configuration; <code>npx ringback init</code> writes one with
                comments.
              </p>
            </Empty>
          ) : (
            <div className="route-grid">
              {rows
                .toSorted((a, b) => byNeed(a, b, (id) => incidentOf(id) !== undefined))
                .map((route) => (
                  <RouteCard
                    key={`${route.scope} ${route.id}`}
                    route={route}
                    incidentId={incidentOf(route.id)}
                    windowMs={windowMs}
                    isChosen={route.id === place.params.get('id')}
                  />
                ))}
            </div>
          )
        }
      </Fetched>
    </>
  )
}
