import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'

import type { SilenceRow } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { useRoutes, useSession } from '../../api/queries.ts'
import { Icon } from '../../parts/icons.tsx'
import { Warning } from '../../parts/notes.tsx'
import { FormLine, SheetButton, SheetFoot } from '../../parts/sheet.tsx'

interface Start {
  readonly route: string
  readonly rule: string
}

interface Wish extends Start {
  readonly comment: string
  readonly expires_in: string
}

const lengths = [
  ['30m', '30 minutes'],
  ['2h', '2 hours'],
  ['8h', '8 hours'],
  ['24h', '1 day'],
  ['7d', '1 week'],
] as const

/** Keeps people from being told of some alerts for a time. */
export function SilenceButton({
  start,
  label = 'Silence',
}: {
  readonly start?: Start
  readonly label?: string
}) {
  return (
    <SheetButton
      label={
        <>
          <Icon name="mute" />
          {label}
        </>
      }
      title="Silence"
      needs="replay"
    >
      {(close) => <Form start={start ?? { route: '', rule: '' }} close={close} />}
    </SheetButton>
  )
}

function Form({ start, close }: { readonly start: Start; readonly close: () => void }) {
  const { data: session } = useSession()
  const [wish, setWish] = useState<Wish>({ ...start, comment: '', expires_in: '2h' })
  const client = useQueryClient()
  const add = useMutation({
    mutationFn: () => change<SilenceRow>('POST', 'silences', { ...wish, by: session?.name ?? 'page' }),
    onSuccess: close,
    onSettled: () => client.invalidateQueries({ queryKey: ['silences'] }),
  })
  const set = (part: Partial<Wish>): void => setWish({ ...wish, ...part })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form className="stack" onSubmit={submit}>
      <p className="soft small">
        Nobody is told of what fits until it ends; incidents are kept all the same, and whoever was told of
        one is told of its end.
      </p>
      <What wish={wish} set={set} />
      <FormLine name="Why">
        <input
          className="field"
          required
          autoFocus
          maxLength={500}
          placeholder="Maintenance of the billing database"
          value={wish.comment}
          onChange={(event) => set({ comment: event.target.value })}
        />
      </FormLine>
      {add.error !== null && <Warning tone="bad">{add.error.message}</Warning>}
      <SheetFoot close={close}>
        <button type="submit" className="button primary" disabled={add.isPending || wish.comment === ''}>
          Silence it
        </button>
      </SheetFoot>
    </form>
  )
}

/** Which alerts, and for how long. */
function What({ wish, set }: { readonly wish: Wish; readonly set: (part: Partial<Wish>) => void }) {
  return (
    <div className="form-grid">
      <RouteField value={wish.route} onChange={(route) => set({ route })} />
      <FormLine name="Rule">
        <input
          className="field"
          placeholder="every rule"
          maxLength={64}
          value={wish.rule}
          onChange={(event) => set({ rule: event.target.value })}
        />
      </FormLine>
      <FormLine name="For">
        <select
          className="field"
          value={wish.expires_in}
          onChange={(event) => set({ expires_in: event.target.value })}
        >
          {lengths.map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </FormLine>
    </div>
  )
}

function RouteField({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (id: string) => void
}) {
  const { data } = useRoutes()
  return (
    <FormLine name="Route">
      <select className="field" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">every route</option>
        {data?.rows.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </FormLine>
  )
}
