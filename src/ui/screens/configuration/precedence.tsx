import type { RouteView } from '../../../admin/api.ts'
import { useRoutes } from '../../api/queries.ts'

type Scope = RouteView['scope']

export const scopeNames: Readonly<Record<Scope, string>> = {
  call: 'Per call',
  application: 'Application',
  trunk: 'Trunk',
  account: 'Account default',
  path: 'Path',
}

const levels: readonly (readonly [scope: Scope, meaning: string])[] = [
  ['call', 'A URL registered or captured for this one call'],
  ['application', 'callback_url of the application that the payload names'],
  ['trunk', 'status_callback of the trunk that the payload names'],
  ['account', 'default_callback_url: whatever nothing else took'],
  ['path', 'A route of its own in front of any handler; asked by path, not by payload'],
]

/** The levels in the order in which they are asked, with the routes that stand there. */
export function Precedence() {
  const rows = useRoutes().data?.rows ?? []
  return (
    <ol className="precedence">
      {levels.map(([scope, meaning]) => {
        const routes = rows.filter((row) => row.scope === scope)
        return (
          <li key={scope}>
            <strong>{scopeNames[scope]}</strong>
            <span className="soft">{meaning}</span>
            <span className="mono foreign">
              {routes.length === 0 ? (
                <span className="faint">none</span>
              ) : (
                routes.map(({ id }) => id).join(', ')
              )}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
