import { addressOf } from '../../address.ts'
import { useReplays } from '../../api/rescue-queries.ts'
import { count } from '../../format/amount.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { useRowKeys } from '../../state/keys.ts'
import { replayWords } from '../../words/replays.ts'
import { RescueNav } from '../rescue/rescue-nav.tsx'

/** What people had sent again. */
export function ReplaysScreen() {
  useRowKeys()
  return (
    <>
      <RescueNav />
      <Panel title="Replays" note="newest first" isFlush>
        <Fetched of={useReplays()} what="replays">
          {({ rows }) =>
            rows.length === 0 ? (
              <Empty icon="again" title="Nothing was sent again yet">
                <p>
                  Callbacks, calls, incidents and dead letters have a button for it: first it says what would
                  happen.
                </p>
              </Empty>
            ) : (
              <div className="scroll-x" role="region" aria-label="Replays" tabIndex={0}>
                <table className="table folds">
                  <thead>
                    <tr>
                      <th>State</th>
                      <th>Started</th>
                      <th className="right">Callbacks</th>
                      <th className="right">Delivered</th>
                      <th className="right">Failed</th>
                      <th>Why</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map(({ id, state, created_at: at, total, counts, reason }) => (
                      <tr key={id}>
                        <td className="fit">
                          <Mark {...replayWords[state]} />
                        </td>
                        <td className="fit end">
                          <a href={addressOf(['replays', id])} data-row>
                            <Moment at={at} />
                          </a>
                        </td>
                        <td className="fit right numbers off">{count(total)}</td>
                        <td className="fit right numbers">{count(counts['delivered'] ?? 0)}</td>
                        <td className="fit right numbers">{count(counts['failed'] ?? 0)}</td>
                        <td className="foreign soft line">{reason}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </Fetched>
      </Panel>
    </>
  )
}
