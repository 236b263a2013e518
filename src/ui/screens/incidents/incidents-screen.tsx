import './incidents.css'

import type { IncidentRow } from '../../../admin/api.ts'
import { useIncidents } from '../../api/alert-queries.ts'
import { plural } from '../../format/amount.ts'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { AlertsNav } from './alerts-nav.tsx'
import { IncidentLine } from './incident-row.tsx'

/** What fires now, then what has fired. */
export function IncidentsScreen() {
  useRowKeys()
  return (
    <>
      <AlertsNav />
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
    <Panel title="Firing now" isFlush>
      {rows.length === 0 ? (
        <Empty icon="good" title="Nothing fires">
          <p>Three failures in a row of one target are an alert; two successes resolve it.</p>
        </Empty>
      ) : (
        rows.map((incident) => <IncidentLine key={incident.id} incident={incident} />)
      )}
    </Panel>
  )
}

function Closed({ rows }: { readonly rows: readonly IncidentRow[] }) {
  if (rows.length === 0) return null
  return (
    <Panel title="Resolved" note={plural(rows.length, 'incident')} isFlush>
      {rows.map((incident) => (
        <IncidentLine key={incident.id} incident={incident} />
      ))}
    </Panel>
  )
}
