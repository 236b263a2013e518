import { useMutation, useQueryClient } from '@tanstack/react-query'

import type { SilenceRow } from '../../../admin/api.ts'
import { useSilences } from '../../api/alert-queries.ts'
import { change } from '../../api/ask.ts'
import { Moment } from '../../parts/moment.tsx'
import { Empty, Fetched, Warning } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RoleButton } from '../../parts/role-button.tsx'
import { AlertsNav } from '../incidents/alerts-nav.tsx'
import { SilenceButton } from './silence-button.tsx'

/** What nobody is told of at present, until when, and why. */
export function SilencesScreen() {
  return (
    <>
      <AlertsNav />
      <Panel
        title="Silences"
        note="incidents are kept all the same; only nobody is told"
        tools={<SilenceButton label="New silence" />}
        isFlush
      >
        <Fetched of={useSilences()} what="silences">
          {({ rows }) =>
            rows.length === 0 ? (
              <Empty icon="mute" title="No silences">
                <p>Whatever fires is told to the channels of its route.</p>
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

function Rows({ rows }: { readonly rows: readonly SilenceRow[] }) {
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: (id: string) => change<unknown>('DELETE', `silences/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['silences'] }),
  })
  return (
    <>
      {end.error !== null && <Warning tone="bad">{end.error.message}</Warning>}
      <div className="scroll-x" role="region" aria-label="Silences" tabIndex={0}>
        <table className="table folds">
          <thead>
            <tr>
              <th>What</th>
              <th>Why</th>
              <th>By</th>
              <th>Since</th>
              <th>Ends</th>
              <th>
                <span className="unseen">End it</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td className="foreign line">{whatOf(row)}</td>
                <td className="foreign line">{row.comment}</td>
                <td className="foreign soft">{row.created_by}</td>
                <td className="fit soft off">
                  <Moment at={row.created_at} />
                </td>
                <td className="fit">
                  <Moment at={row.expires_at} how="ago" />
                </td>
                <td className="fit right end">
                  <RoleButton
                    needs="replay"
                    className="button tight"
                    isBusy={end.isPending}
                    onClick={() => end.mutate(row.id)}
                  >
                    End now
                  </RoleButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

/** What a silence fits, in words; a matcher that is empty fits everything. */
function whatOf({ route, rule, target, severity }: SilenceRow): string {
  const parts = [
    route === '' ? 'every route' : `route ${route}`,
    rule === '' ? 'every rule' : `rule ${rule}`,
    target === '' ? '' : `target ${target}`,
    severity === '' ? '' : severity,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
