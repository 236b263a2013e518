import { useRoutes } from '../../api/queries.ts'

const levels = [
  ['call', 'Per call', 'A URL registered or captured for this one call'],
  ['application', 'Application', 'callback_url of the application that the payload names'],
  ['trunk', 'Trunk', 'status_callback of the trunk that the payload names'],
  ['account', 'Account default', 'default_callback_url: whatever nothing else took'],
  ['path', 'Path', 'A route of its own in front of any handler; asked by path, not by payload'],
] as const

/** Why did a callback go where it went? The most specific level that fits wins. */
export function Precedence() {
  const rows = useRoutes().data?.rows ?? []
  return (
    <section className="panel" aria-labelledby="precedence">
      <div className="panel-head">
        <h2 id="precedence">Which handler gets a callback</h2>
        <span className="soft">the first level that fits wins</span>
      </div>
      <ol className="precedence">
        {levels.map(([scope, name, meaning]) => {
          const routes = rows.filter((row) => row.scope === scope)
          return (
            <li key={scope}>
              <strong>{name}</strong>
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
    </section>
  )
}
