import { useRoutes } from '../api/queries.ts'

/** One route out of all, or all of them. */
export function RouteChoice(props: {
  readonly route: string
  readonly onChange: (id: string) => void
  readonly className?: string
}) {
  const { data } = useRoutes()
  return (
    <select
      className={`field ${props.className ?? ''}`}
      aria-label="Route"
      value={props.route}
      onChange={(event) => props.onChange(event.target.value)}
    >
      <option value="">All routes</option>
      {data?.rows.map(({ id }) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  )
}
