import { useIncidents, useSilences } from '../../api/alert-queries.ts'
import { SubNav } from '../../parts/sub-nav.tsx'

/** What stands over every screen about alerts. */
export function AlertsNav() {
  const firing = useIncidents().data?.rows.filter((row) => row.closed_at === null).length
  const silences = useSilences().data?.rows.length
  return (
    <>
      <div className="screen-head">
        <h1>Alerts</h1>
        <p className="lead">What is wrong, what was, and who was told.</p>
      </div>
      <SubNav
        label="Alerts"
        links={[
          { id: 'incidents', label: 'Incidents', count: firing, isBad: true },
          { id: 'silences', label: 'Silences', count: silences },
          { id: 'notifications', label: 'Notifications' },
          { id: 'rules', label: 'Rules' },
        ]}
      />
    </>
  )
}
