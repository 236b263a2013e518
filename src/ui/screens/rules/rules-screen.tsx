import type { RuleReport } from '../../../admin/api.ts'
import { useRules } from '../../api/alert-queries.ts'
import { useRoutes } from '../../api/queries.ts'
import { Mark } from '../../parts/mark.tsx'
import { Empty, Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { changeParams, usePlace } from '../../place.ts'
import { ruleWords } from '../../words/rules.ts'
import type { Tone } from '../../words/tone.ts'
import { AlertsNav } from '../incidents/alerts-nav.tsx'

/** Why does a rule fire on a route, and why does another not? */
export function RulesScreen() {
  const place = usePlace()
  const routes = useRoutes().data?.rows ?? []
  const route = place.params.get('route') ?? routes[0]?.id ?? ''
  const choice = (
    <select
      className="field"
      aria-label="Route"
      value={route}
      onChange={(event) => changeParams(place, { route: event.target.value })}
    >
      {routes.map(({ id }) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  )
  return (
    <>
      <AlertsNav />
      <Panel title="Rules" note="what each one measures now" tools={choice} isFlush>
        {route === '' ? (
          <Empty icon="routes" title="No routes yet" />
        ) : (
          <Fetched of={useRules(route)} what="the rules">
            {({ rows }) => <Rows rows={rows} />}
          </Fetched>
        )}
      </Panel>
    </>
  )
}

function Rows({ rows }: { readonly rows: readonly RuleReport[] }) {
  return (
    <div className="scroll-x" role="region" aria-label="Rules" tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th>State</th>
            <th>Rule</th>
            <th>Target</th>
            <th>What was measured, and the limit</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.rule} ${row.route} ${row.target}`}>
              <td className="fit">
                <Mark {...stateOf(row)} />
              </td>
              <td className="fit end">{ruleWords(row.rule)}</td>
              <td className="fit soft">{row.target === '' ? '–' : row.target}</td>
              <td className="foreign line">
                {row.reason}
                {row.held !== '' && <span className="faint"> Nobody is told: {row.held}.</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function stateOf(row: RuleReport): { readonly tone: Tone; readonly word: string } {
  if (!row.is_on) return { tone: 'idle', word: 'Off' }
  if (row.is_firing) return { tone: 'bad', word: 'Fires' }
  if (row.verdict === 'bad') return { tone: 'warn', word: 'Over the limit' }
  return row.verdict === 'unclear'
    ? { tone: 'idle', word: 'Too little to say' }
    : { tone: 'good', word: 'Fine' }
}
