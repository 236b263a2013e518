import type { IncidentRow } from '../../../admin/api.ts'
import { plural } from '../../format/amount.ts'
import { span } from '../../format/time.ts'
import { Badge } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { addressOf } from '../../place.ts'
import { useNow } from '../../state/now.ts'

/** One incident as a line of the list. */
export function IncidentLine({ incident }: { readonly incident: IncidentRow }) {
  const now = useNow()
  const isOpen = incident.closed_at === null
  return (
    <a className="incident-line" href={addressOf(['incidents', incident.id])} data-row>
      <span>
        <Badge tone={isOpen ? 'bad' : 'good'} word={isOpen ? 'Firing' : 'Resolved'} />
      </span>
      <span className="incident-main">
        <strong className="foreign">{incident.route === '' ? 'Ringback itself' : incident.route}</strong>
        <span className="soft foreign">{incident.reason}</span>
      </span>
      <span className="incident-side soft">
        <span>
          {plural(incident.callbacks, 'callback')} hurt
          {incident.acked_by !== '' && `, acknowledged by ${incident.acked_by}`}
        </span>
        <span>
          <Moment at={incident.opened_at} />, for {span((incident.closed_at ?? now) - incident.since)}
        </span>
      </span>
    </a>
  )
}
