import type { FailureRow, IncidentDetail, NotificationView } from '../../../admin/api.ts'
import { useIncident } from '../../api/queries.ts'
import { count, plural } from '../../format/amount.ts'
import { duration, span } from '../../format/time.ts'
import { Badge, Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { addressOf } from '../../place.ts'
import { useRowKeys } from '../../state/keys.ts'
import { useNow } from '../../state/now.ts'
import { outcomeWords } from '../../words/outcomes.ts'
import type { Tone } from '../../words/tone.ts'
import { Acknowledge } from './acknowledge.tsx'

const MOST_IDS = 50

/** One alert from firing to resolved. */
export function IncidentScreen({ id }: { readonly id: string }) {
  useRowKeys()
  return (
    <Fetched of={useIncident(id)} what="the incident">
      {(incident) => <Incident incident={incident} />}
    </Fetched>
  )
}

function Incident({ incident }: { readonly incident: IncidentDetail }) {
  return (
    <>
      <Head incident={incident} />
      <Facts incident={incident} />
      <div className="row">
        {incident.closed_at === null && incident.acked_by === '' && <Acknowledge id={incident.id} />}
        {incident.callbacks > 0 && (
          <ReplayButton order={{ incident: incident.id }} label="Send the hurt callbacks again" />
        )}
      </div>
      <div className="columns">
        <Failures incident={incident} />
        <Told rows={incident.notifications} />
      </div>
      <Hurt incident={incident} />
    </>
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
        <h1 className="foreign">{incident.route === '' ? 'Ringback itself' : incident.route}</h1>
      </div>
      <p className="foreign">
        {incident.reason}. {isOpen ? `It lasts for ${length}.` : `It lasted ${length}.`}
      </p>
    </div>
  )
}

function Facts({ incident }: { readonly incident: IncidentDetail }) {
  return (
    <dl className="facts panel panel-body">
      <div>
        <dt>First failure</dt>
        <dd>
          <Moment at={incident.since} how="full" />
        </dd>
      </div>
      <div>
        <dt>Fired</dt>
        <dd>
          <Moment at={incident.opened_at} how="full" />
        </dd>
      </div>
      <div>
        <dt>Resolved</dt>
        <dd>{incident.closed_at === null ? 'not yet' : <Moment at={incident.closed_at} how="full" />}</dd>
      </div>
      <div>
        <dt>Target</dt>
        <dd className="mono foreign">{incident.target_label === '' ? '–' : incident.target_label}</dd>
      </div>
      <div>
        <dt>Callbacks hurt</dt>
        <dd className="numbers">{count(incident.callbacks)}</dd>
      </div>
      {incident.acked_by !== '' && (
        <div>
          <dt>Acknowledged</dt>
          <dd className="foreign">
            {incident.acked_by}
            {incident.ack_comment !== '' && `: ${incident.ack_comment}`}
          </dd>
        </div>
      )}
    </dl>
  )
}

function Failures({ incident }: { readonly incident: IncidentDetail }) {
  const first = incident.first_failure
  const recent = incident.recent_failures.filter((row) => row.callback_id !== first?.callback_id)
  const rows = first === null ? recent : [first, ...recent]
  return (
    <section className="panel" aria-labelledby="failures">
      <div className="panel-head">
        <h2 id="failures">First and latest failures</h2>
      </div>
      {rows.length === 0 ? <Empty title="No single callback failed" /> : null}
      <ul className="failures">
        {rows.map((row) => (
          <Failure key={row.callback_id} row={row} />
        ))}
      </ul>
    </section>
  )
}

function Failure({ row }: { readonly row: FailureRow }) {
  return (
    <li>
      <a href={addressOf(['callbacks', row.callback_id])} data-row>
        <Moment at={row.at} how="short" />
      </a>
      <span>
        <Mark tone="bad" word={outcomeWords(row.outcome)?.label ?? row.outcome} />{' '}
        <span className="soft">
          {row.status > 0 && `${row.status}, `}
          {duration(row.ms ?? 0)}
        </span>
        <br />
        <span className="foreign soft">{row.error}</span>
        <br />
        <span className="faint">{row.event}</span>{' '}
        <a className="mono foreign" href={addressOf(['calls', row.call_id])}>
          {row.call_id}
        </a>
      </span>
    </li>
  )
}

const stateWords: Readonly<Record<NotificationView['state'], readonly [Tone, string]>> = {
  pending: ['idle', 'Waiting'],
  sending: ['idle', 'Being sent'],
  sent: ['good', 'Sent'],
  failed: ['bad', 'Not delivered'],
  merged: ['idle', 'Merged into a later one'],
}

function Told({ rows }: { readonly rows: readonly NotificationView[] }) {
  return (
    <section className="panel" aria-labelledby="told">
      <div className="panel-head">
        <h2 id="told">Who was told</h2>
      </div>
      {rows.length === 0 ? (
        <Empty icon="alerts" title="Nobody was told">
          <p>
            No channel is configured: add <code>notify.slack</code> or <code>notify.email</code>.
          </p>
        </Empty>
      ) : (
        <ul className="failures">
          {rows.map((row) => (
            <li key={row.id}>
              <Moment at={row.sent_at ?? row.created_at} how="short" />
              <span>
                <Mark tone={stateWords[row.state][0]} word={stateWords[row.state][1]} />{' '}
                <span className="soft">
                  {row.kind} on {row.channel}
                  {row.tries > 1 && `, ${row.tries} tries`}
                </span>
                {row.last_error !== '' && <span className="foreign chain-error">{row.last_error}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Hurt({ incident }: { readonly incident: IncidentDetail }) {
  const ids = incident.callback_ids
  if (ids.length === 0) return null
  return (
    <section className="panel" aria-labelledby="hurt">
      <div className="panel-head">
        <h2 id="hurt">Exactly these callbacks</h2>
        <span className="soft">{plural(incident.callbacks, 'callback')}</span>
      </div>
      <ul className="ids panel-body">
        {ids.slice(0, MOST_IDS).map((id) => (
          <li key={id}>
            <a className="mono" href={addressOf(['callbacks', id])}>
              {id}
            </a>
          </li>
        ))}
        {incident.callbacks > MOST_IDS && (
          <li className="soft">and {count(incident.callbacks - MOST_IDS)} more</li>
        )}
      </ul>
    </section>
  )
}
