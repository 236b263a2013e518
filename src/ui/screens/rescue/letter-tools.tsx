import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import type { MovedLetters } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { plural } from '../../format/amount.ts'
import { Warning } from '../../parts/notes.tsx'
import { ReplayButton } from '../../parts/replay.tsx'
import { FormLine, SheetButton, SheetFoot } from '../../parts/sheet.tsx'

interface Tool {
  readonly path: 'requeue' | 'discard'
  readonly label: string
  readonly title: string
  readonly says: string
  readonly does: string
}

const requeue: Tool = {
  path: 'requeue',
  label: 'Let wait again',
  title: 'Let dead letters wait again',
  says: 'They are due now, with the whole schedule of rescue before them.',
  does: 'Let them wait again',
}
const discard: Tool = {
  path: 'discard',
  label: 'Give up for good',
  title: 'Give dead letters up for good',
  says: 'Their bytes are deleted and cannot be sent any more; their rows and the reason stay in the ledger.',
  does: 'Give them up',
}

/** What can be done with the dead letters that are chosen. */
export function LetterTools({
  ids,
  onMoved,
}: {
  readonly ids: readonly string[]
  readonly onMoved: () => void
}) {
  if (ids.length === 0) return null
  return (
    <>
      <MoveButton tool={discard} ids={ids} needs="admin" onMoved={onMoved} />
      <MoveButton tool={requeue} ids={ids} needs="replay" onMoved={onMoved} />
      <ReplayButton order={{ ids }} label="Send now" />
    </>
  )
}

interface MoveProps {
  readonly tool: Tool
  readonly ids: readonly string[]
  readonly onMoved: () => void
}

function MoveButton(props: MoveProps & { readonly needs: 'replay' | 'admin' }) {
  const { tool, needs } = props
  return (
    <SheetButton
      label={tool.label}
      title={tool.title}
      needs={needs}
      className={tool.path === 'discard' ? 'button danger' : 'button'}
    >
      {(close) => <Form {...props} close={close} />}
    </SheetButton>
  )
}

function Form({ tool, ids, onMoved, close }: MoveProps & { readonly close: () => void }) {
  const [reason, setReason] = useState('')
  const client = useQueryClient()
  const move = useMutation({
    mutationFn: () => change<MovedLetters>('POST', `dead-letters/${tool.path}`, { ids, reason }),
    onSuccess: () => {
      close()
      onMoved()
    },
    onSettled: () => client.invalidateQueries(),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    move.mutate()
  }
  return (
    <form className="stack" onSubmit={submit}>
      <p>
        {plural(ids.length, 'dead letter')}. {tool.says}
      </p>
      <FormLine name="Why">
        <input
          className="field"
          required
          autoFocus
          maxLength={500}
          placeholder={tool.path === 'discard' ? 'The contact was deleted' : 'The handler is mended'}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </FormLine>
      {move.error !== null && <Warning tone="bad">{move.error.message}</Warning>}
      <SheetFoot close={close}>
        <button
          type="submit"
          className={tool.path === 'discard' ? 'button danger' : 'button primary'}
          disabled={move.isPending || reason.trim() === ''}
        >
          {tool.does}
        </button>
      </SheetFoot>
    </form>
  )
}
