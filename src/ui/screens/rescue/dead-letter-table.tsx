import type { DeadLetter } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { outcomeWords } from '../../words/outcomes.ts'

/** Dead letters as rows that can be chosen. */
export function DeadLetterTable(props: {
  readonly rows: readonly DeadLetter[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
}) {
  const { rows, chosen, onChoose } = props
  const isAll = rows.every(({ id }) => chosen.has(id))
  const turn = (id: string, isOn: boolean): void => {
    const next = new Set(chosen)
    if (isOn) next.add(id)
    else next.delete(id)
    onChoose(next)
  }
  return (
    <div className="scroll-x" role="region" aria-label="Dead letters" tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th className="fit">
              <input
                type="checkbox"
                aria-label="Choose all"
                checked={isAll}
                onChange={(event) => onChoose(new Set(event.target.checked ? rows.map(({ id }) => id) : []))}
              />
            </th>
            <th>Last answer</th>
            <th>Given up</th>
            <th>Event</th>
            <th>Route</th>
            <th>Call</th>
            <th className="right">Attempts</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.id}
              row={row}
              isChosen={chosen.has(row.id)}
              onChoose={(isOn) => turn(row.id, isOn)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row(props: {
  readonly row: DeadLetter
  readonly isChosen: boolean
  readonly onChoose: (isOn: boolean) => void
}) {
  const { row, isChosen, onChoose } = props
  return (
    <tr>
      <td className="fit">
        <input
          type="checkbox"
          aria-label={`Choose ${row.event} of call ${row.call_id}`}
          checked={isChosen}
          onChange={(event) => onChoose(event.target.checked)}
        />
      </td>
      <td className="fit">
        <Mark tone="bad" word={outcomeWords(row.reason)?.label ?? row.reason} />
      </td>
      <td className="fit end">
        <a href={addressOf(['callbacks', row.id])} data-row>
          <Moment at={row.dead_at} />
        </a>
      </td>
      <td>{row.event}</td>
      <td className="soft">{row.route}</td>
      <td className="call-cell line">
        {row.call_id === '' ? (
          '–'
        ) : (
          <a className="mono foreign clip" href={addressOf(['calls', row.call_id])}>
            {row.call_id}
          </a>
        )}
      </td>
      <td className="fit right numbers soft off">{row.attempts}</td>
    </tr>
  )
}
