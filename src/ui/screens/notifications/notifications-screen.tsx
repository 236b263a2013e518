import { useMutation, useQueryClient } from '@tanstack/react-query'

import type { ChannelTest, NotificationView } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { useIncidents, useNotifications } from '../../api/alert-queries.ts'
import { change } from '../../api/ask.ts'
import { duration } from '../../format/time.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Empty, Fetched, Warning } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RoleButton } from '../../parts/role-button.tsx'
import { notificationKind, notificationStates } from '../../words/notifications.ts'
import { AlertsNav } from '../incidents/alerts-nav.tsx'
import { placeOf } from '../incidents/incident-row.tsx'

/** Every message to people, newest first: what, through which channel, and whether it arrived. */
export function NotificationsScreen() {
  const client = useQueryClient()
  const test = useMutation({
    mutationFn: () => change<{ rows: ChannelTest[] }>('POST', 'alerts/test', {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['notifications'] }),
  })
  const button = (
    <RoleButton needs="replay" isBusy={test.isPending} onClick={() => test.mutate()}>
      {test.isPending ? 'Sending…' : 'Send a test message'}
    </RoleButton>
  )
  return (
    <>
      <AlertsNav />
      <div role="status" className="stack">
        {test.error !== null && <Warning tone="bad">{test.error.message}</Warning>}
        {test.data?.rows.map((row) => (
          <TestAnswer key={row.channel} row={row} />
        ))}
      </div>
      <Panel title="Notifications" note="newest first" tools={button} isFlush>
        <Fetched of={useNotifications()} what="notifications">
          {({ rows }) =>
            rows.length === 0 ? (
              <Empty icon="alerts" title="Nobody was told anything yet">
                <p>
                  Every message about an alert stands here. Channels are configured under <code>notify</code>.
                </p>
              </Empty>
            ) : (
              <Rows rows={rows} />
            )
          }
        </Fetched>
      </Panel>
    </>
  )
}

function TestAnswer({ row: { channel, is_accepted: isAccepted, note, ms } }: { readonly row: ChannelTest }) {
  const took = `${channel} took the test message after ${duration(ms)}.`
  return (
    <Warning tone={isAccepted ? 'good' : 'bad'}>
      <span className="foreign">
        {isAccepted ? took : `${channel} did not take it.`} {note}
      </span>
    </Warning>
  )
}

function Rows({ rows }: { readonly rows: readonly NotificationView[] }) {
  const incidents = new Map(useIncidents().data?.rows.map((row) => [row.id, row]))
  return (
    <div className="scroll-x" role="region" aria-label="Notifications" tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th>State</th>
            <th>Time</th>
            <th>Channel</th>
            <th>Message</th>
            <th>About</th>
            <th className="right">Tries</th>
            <th>Problem</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="fit">
                <Mark {...notificationStates[row.state]} />
              </td>
              <td className="fit soft end">
                <Moment at={row.sent_at ?? row.created_at} />
              </td>
              <td>{row.channel}</td>
              <td>{notificationKind(row.kind)}</td>
              <td>
                <About id={row.incident_id} incident={incidents.get(row.incident_id)} />
              </td>
              <td className="right numbers soft off">{row.tries}</td>
              <td className="foreign soft line">{row.last_error}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function About(props: {
  readonly id: string
  readonly incident: { readonly route: string; readonly reason: string } | undefined
}) {
  const { id, incident } = props
  if (id === '') return <span className="faint">no incident</span>
  return (
    <a href={addressOf(['incidents', id])} title={incident?.reason}>
      {incident === undefined ? 'an earlier incident' : placeOf(incident)}
    </a>
  )
}
