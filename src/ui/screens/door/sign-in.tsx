import './sign-in.css'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import type { SessionView } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { Icon } from '../../parts/icons.tsx'

/** Asks for one of admin.tokens. It is exchanged for a cookie at once and kept nowhere in the page. */
export function SignIn() {
  const [token, setToken] = useState('')
  const client = useQueryClient()
  const signIn = useMutation({
    mutationFn: () => change<SessionView>('POST', 'session', { token }),
    onSuccess: (session) => client.setQueryData(['session'], session),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (token !== '') signIn.mutate()
  }
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={submit}>
        <Icon name="lock" />
        <h1>Ringback</h1>
        <p className="soft">
          This port is closed to strangers. Sign in with one of the tokens in the configuration.
        </p>
        <label htmlFor="token">Token</label>
        <input
          id="token"
          className="field"
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-describedby="sign-in-problem"
        />
        <p id="sign-in-problem" role="alert" className="problem">
          {signIn.error?.message}
        </p>
        <button type="submit" className="button primary" disabled={signIn.isPending || token === ''}>
          Sign in
        </button>
        <p className="faint">
          The token is in <code>admin.tokens</code> of the configuration. The browser keeps a session of 12
          hours, not the token.
        </p>
      </form>
    </main>
  )
}
