import { useMutation } from '@tanstack/react-query'

import { change } from '../api/ask.ts'
import { useSession } from '../api/queries.ts'

/** Who is signed in, and the way out; nothing where no token is configured. */
export function SignOut() {
  const { data } = useSession()
  const signOut = useMutation({
    mutationFn: () => change<undefined>('DELETE', 'session'),
    onSuccess: () => location.reload(),
  })
  if (data === undefined || !data.needs_token) return null
  return (
    <div className="signed-in">
      <span className="clip">
        {data.name} <span className="faint">({data.role})</span>
      </span>
      <button type="button" className="button quiet tight" onClick={() => signOut.mutate()}>
        Sign out
      </button>
      {signOut.error !== null && <span role="alert">Not signed out. {signOut.error.message}</span>}
    </div>
  )
}
