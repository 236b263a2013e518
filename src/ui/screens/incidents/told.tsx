import type { IncidentDetail } from '../../../admin/api.ts'
import { useSilences } from '../../api/alert-queries.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Empty } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { notificationKind, notificationStates } from '../../words/notifications.ts'

/** Every message about an incident, through which channel, and whether it arrived. */
export function Told({ incident: { notifications: rows } }: { readonly incident: IncidentDetail }) {
  const isSilenced = (useSilences().data?.rows.length ?? 0) > 0
  return (
    <Panel title="Who was told" isFlush>
      {rows.length === 0 ? (
        <Empty icon="alerts" title="Nobody was told">
          {isSilenced ? (
            <p>
              A <a href="#/silences">silence</a> may hold it back.
            </p>
          ) : (
            <p>
              No channel is configured (<code>notify.slack</code>, <code>notify.email</code>), or this rule
              tells nobody.
            </p>
          )}
        </Empty>
      ) : (
        <ul className="lines">
          {rows.map((row) => (
            <li key={row.id}>
              <Moment at={row.sent_at ?? row.created_at} how="short" />
              <div>
                <Mark {...notificationStates[row.state]} />{' '}
                <span className="soft">
                  {notificationKind(row.kind)}, on {row.channel}
                  {row.tries > 1 && `, ${row.tries} tries`}
                </span>
                {row.last_error !== '' && <p className="foreign soft">{row.last_error}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
