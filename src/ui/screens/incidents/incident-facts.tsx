import type { ReactNode } from 'react'

import type { IncidentDetail } from '../../../admin/api.ts'
import { count } from '../../format/amount.ts'
import { Moment } from '../../parts/moment.tsx'

/** When, where, and what was known at the time. */
export function Facts({ incident }: { readonly incident: IncidentDetail }) {
  const { acked_by: by, ack_comment: comment, acked_until: until, closed_at: closedAt } = incident
  const places = incident.places.map(
    ({ route, target, is_over }) =>
      [route, target].filter(Boolean).join(', ') + (is_over === true ? ' (well again)' : ''),
  )
  return (
    <dl className="facts panel panel-body incident-facts">
      <Fact name="First failure">
        <Moment at={incident.since} how="full" />
      </Fact>
      <Fact name="Fired">
        <Moment at={incident.opened_at} how="full" />
      </Fact>
      <Fact name="Resolved">
        {closedAt === null ? 'not yet' : <Moment at={closedAt} how="full" />}
        {incident.close_reason !== '' && ` (${incident.close_reason.replaceAll('_', ' ')})`}
      </Fact>
      <Fact name="Callbacks hurt">
        <span className="numbers">{count(incident.callbacks)}</span>
      </Fact>
      {incident.target_label !== '' && (
        <Fact name="Target">
          <span className="mono foreign">{incident.target_label}</span>
        </Fact>
      )}
      {places.length > 1 && <Fact name="Same cause at">{places.join('; ')}</Fact>}
      {by !== '' && (
        <Fact name="Acknowledged">
          <span className="foreign">
            {by}
            {comment !== '' && `: ${comment}`}
          </span>
          {until > 0 && (
            <span className="faint">
              , until <Moment at={until} />
            </span>
          )}
        </Fact>
      )}
      {incident.context.map(([name, value]) => (
        <Fact key={name} name={name}>
          <span className="foreign">{value}</span>
        </Fact>
      ))}
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="foreign">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
