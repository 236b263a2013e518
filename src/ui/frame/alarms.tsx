import { useStatus } from '../api/queries.ts'
import { Warning } from '../parts/notes.tsx'

/** What is wrong with the daemon itself is said on every screen. */
export function Alarms() {
  const { data, error } = useStatus()
  if (error !== null) return <Warning tone="bad">{error.message}</Warning>
  if (data === undefined) return null
  const problems = [
    ...data.reasons,
    ...(data.config.problem === '' ? [] : [`The last reload was not taken over: ${data.config.problem}`]),
  ]
  return problems.map((problem) => (
    <Warning key={problem} tone="bad">
      <span className="foreign">{problem}</span>
    </Warning>
  ))
}
