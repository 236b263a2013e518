import './incidents.css'

import type { IncidentDetail } from '../../../admin/api.ts'
import { useIncident } from '../../api/alert-queries.ts'
import { span } from '../../format/time.ts'
import { Badge } from '../../parts/mark.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { useNow } from '../../state/now.ts'
import { SilenceButton } from '../silences/silence-button.tsx'
import { Acknowledge } from './acknowledge.tsx'
import { Failures } from './failures.tsx'
import { Facts } from './incident-facts.tsx'
import { placeOf, whatOf } from './incident-row.tsx'
import { Hurt } from './hurt.tsx'
import { Told } from './told.tsx'

/** One alert from firing to resolved. */
export function IncidentScreen({ id }: { readonly id: string }) {
  useRowKeys()
  return (
    <Fetched of={useIncident(id)} what="the incident" isScreen>
      {(incident) => (
        <>
          <Head incident={incident} />
          <Facts incident={incident} />
          <div className="columns">
            <Failures incident={incident} />
            <Told incident={incident} />
          </div>
          <Hurt incident={incident} />
        </>
      )}
    </Fetched>
  )
}

function Head({ incident }: { readonly incident: IncidentDetail }) {
  const now = useNow()
  const isOpen = incident.closed_at === null
  const length = span((incident.closed_at ?? now) - incident.since)
  return (
    <div className="verdict" data-tone={isOpen ? 'bad' : 'good'}>
      <div className="verdict-title">
        <Badge tone={isOpen ? 'bad' : 'good'} word={isOpen ? 'Firing' : 'Resolved'} />
        <h1 className="foreign">{placeOf(incident)}</h1>
        <span className="soft small">{whatOf(incident)}</span>
        <div className="tools">
          {isOpen && incident.acked_by === '' && <Acknowledge id={incident.id} />}
          {isOpen && <SilenceButton start={{ route: incident.route, rule: incident.rule }} />}
          {incident.callbacks > 0 && (
            <ReplayButton order={{ incident: incident.id }} label="Send the hurt callbacks again" />
          )}
        </div>
      </div>
      <p className="foreign">
        {incident.reason}. {isOpen ? `It lasts for ${length}.` : `It lasted ${length}.`}
      </p>
    </div>
  )
}
