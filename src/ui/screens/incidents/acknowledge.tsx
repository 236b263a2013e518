import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { change } from '../../api/ask.ts'
import { useSession } from '../../api/queries.ts'
import { Warning } from '../../parts/notes.tsx'

/** Somebody says that they look after it: no reminders for the next hours. */
export function Acknowledge({ id }: { readonly id: string }) {
  const { data: session } = useSession()
  const [comment, setComment] = useState('')
  const client = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () =>
      change<unknown>('POST', `incidents/${encodeURIComponent(id)}/ack`, {
        by: session?.name ?? 'page',
        comment,
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['incident', id] }),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    acknowledge.mutate()
  }
  return (
    <form className="row" onSubmit={submit}>
      <input
        className="field"
        aria-label="What is being done"
        placeholder="What is being done"
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <button type="submit" className="button" disabled={acknowledge.isPending}>
        Acknowledge
      </button>
      {acknowledge.error !== null && <Warning tone="bad">{acknowledge.error.message}</Warning>}
    </form>
  )
}
