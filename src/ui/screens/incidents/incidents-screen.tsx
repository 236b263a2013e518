import type { IncidentRow } from '../../../admin/api.ts'
import { useIncidents } from '../../api/queries.ts'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { IncidentLine } from './incident-row.tsx'

/** What fires now, then what has fired. */
export function IncidentsScreen() {
  useRowKeys()
  return (
    <>
      <div className="screen-head">
        <h1>Alerts</h1>
        <p className="lead">
          What is wrong now, and what was: each incident with exactly the callbacks it hurt.
        </p>
      </div>
      <Fetched of={useIncidents()} what="incidents">
        {({ rows }) => (
          <>
            <Open rows={rows.filter((row) => row.closed_at === null)} />
            <Closed rows={rows.filter((row) => row.closed_at !== null)} />
          </>
        )}
      </Fetched>
    </>
  )
}

function Open({ rows }: { readonly rows: readonly IncidentRow[] }) {
  return (
    <section className="panel" aria-labelledby="open">
      <div className="panel-head">
        <h2 id="open">Firing now</h2>
      </div>
      {rows.length === 0 ? (
        <Empty icon="good" title="Nothing fires">
          <p>Three failures in a row of one target are an alert; two successes resolve it.</p>
        </Empty>
      ) : (
        rows.map((incident) => <IncidentLine key={incident.id} incident={incident} />)
      )}
    </section>
  )
}

function Closed({ rows }: { readonly rows: readonly IncidentRow[] }) {
  if (rows.length === 0) return null
  return (
    <section className="panel" aria-labelledby="closed">
      <div className="panel-head">
        <h2 id="closed">Resolved</h2>
      </div>
      {rows.map((incident) => (
        <IncidentLine key={incident.id} incident={incident} />
      ))}
    </section>
  )
}
