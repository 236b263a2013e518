import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import { change } from '../../api/ask.ts'
import { useSession } from '../../api/queries.ts'
import { Warning } from '../../parts/notes.tsx'
import { FormLine, SheetButton, SheetFoot } from '../../parts/sheet.tsx'

/** Somebody says that they look after it: no reminders for the next hours. */
export function Acknowledge({ id }: { readonly id: string }) {
  return (
    <SheetButton label="Acknowledge" title="Acknowledge" className="button primary" needs="replay">
      {(close) => <Form id={id} close={close} />}
    </SheetButton>
  )
}

function Form({ id, close }: { readonly id: string; readonly close: () => void }) {
  const { data: session } = useSession()
  const [comment, setComment] = useState('')
  const [hours, setHours] = useState('8h')
  const client = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () =>
      change<unknown>('POST', `incidents/${encodeURIComponent(id)}/ack`, {
        by: session?.name ?? 'page',
        comment,
        expires_in: hours,
      }),
    onSuccess: close,
    onSettled: () => client.invalidateQueries({ queryKey: ['incident', id] }),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    acknowledge.mutate()
  }
  return (
    <form className="stack" onSubmit={submit}>
      <p className="soft small">
        Somebody looks after it: no reminders and no escalation for as long as this.
      </p>
      <FormLine name="What is being done">
        <input
          className="field"
          maxLength={500}
          autoFocus
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
      </FormLine>
      <FormLine name="For">
        <select className="field" value={hours} onChange={(event) => setHours(event.target.value)}>
          <option value="1h">1 hour</option>
          <option value="8h">8 hours</option>
          <option value="24h">1 day</option>
        </select>
      </FormLine>
      {acknowledge.error !== null && <Warning tone="bad">{acknowledge.error.message}</Warning>}
      <SheetFoot close={close}>
        <button type="submit" className="button primary" disabled={acknowledge.isPending}>
          Acknowledge it
        </button>
      </SheetFoot>
    </form>
  )
}
