import type { IncidentRow } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { plural } from '../../format/amount.ts'
import { span } from '../../format/time.ts'
import { Badge } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { useNow } from '../../state/now.ts'
import { ruleWords } from '../../words/rules.ts'

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
        <span>
          <strong className="foreign">{placeOf(incident)}</strong>{' '}
          <span className="faint">{whatOf(incident)}</span>
        </span>
        <span className="soft foreign">{incident.reason}</span>
      </span>
      <span className="incident-side soft numbers">
        <span>{[hurt(incident), acknowledged(incident)].filter((part) => part !== '').join(', ')}</span>
        <span>
          <Moment at={incident.opened_at} />, for {span((incident.closed_at ?? now) - incident.since)}
        </span>
      </span>
    </a>
  )
}

function hurt({ callbacks }: IncidentRow): string {
  return callbacks === 0 ? '' : `${plural(callbacks, 'callback')} hurt`
}

function acknowledged({ acked_by: by }: IncidentRow): string {
  return by === '' ? '' : `acknowledged by ${by}`
}

/** Which rule, at which target, how bad. */
export function whatOf({ rule, target, severity }: IncidentRow): string {
  return [ruleWords(rule), target, severity].filter((part) => part !== '').join(', ')
}

/** What an incident is about: a route, or the daemon. */
export function placeOf({ route }: Pick<IncidentRow, 'route'>): string {
  return route === '' ? 'Ringback itself' : route
}
