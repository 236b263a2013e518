import { useRoutes } from '../api/queries.ts'

/** One route out of all, or all of them. */
export function RouteChoice(props: {
  readonly route: string
  readonly onChange: (id: string) => void
  readonly className?: string
}) {
  const { data } = useRoutes()
  const ids = data?.rows.map(({ id }) => id) ?? []
  // Routes may not be loaded yet, or the chosen one may be configured no more: it is what is asked for all the same.
  const chosenToo = props.route === '' || ids.includes(props.route) ? ids : [props.route, ...ids]
  return (
    <select
      className={`field ${props.className ?? ''}`}
      aria-label="Route"
      value={props.route}
      onChange={(event) => props.onChange(event.target.value)}
    >
      <option value="">All routes</option>
      {chosenToo.map((id) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  )
}
