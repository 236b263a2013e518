import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import type { ReplayRequest, ReplayView } from '../../admin/api.ts'
import { addressOf } from '../address.ts'
import { change } from '../api/ask.ts'
import { useReplayPlan } from '../api/rescue-queries.ts'
import { plural } from '../format/amount.ts'
import { go } from '../place.ts'
import { Icon } from './icons.tsx'
import { Fetched, Warning } from './notes.tsx'
import { ReplayCounts } from './replay-counts.tsx'
import { FormLine, SheetButton, SheetFoot } from './sheet.tsx'

const rates = [5, 20, 100] as const

/** How it is to be sent. */
interface Wish {
  readonly include_delivered: boolean
  readonly rate: number
  readonly reason: string
}

/** Sends callbacks to their handlers once more: first what would happen, then the screen that shows how it goes. */
export function ReplayButton({ order, label }: { readonly order: ReplayRequest; readonly label: string }) {
  return (
    <SheetButton
      title="Send to the handler again"
      label={
        <>
          <Icon name="again" />
          {label}
        </>
      }
      needs="replay"
    >
      {(close) => <Plan order={order} close={close} />}
    </SheetButton>
  )
}

/** A dry run: what would be sent, and why the rest would not. */
function Plan({ order, close }: { readonly order: ReplayRequest; readonly close: () => void }) {
  const [options, setOptions] = useState<Wish>({ include_delivered: false, rate: rates[1], reason: '' })
  const wish = { ...order, include_delivered: options.include_delivered }
  const plan = useReplayPlan(wish)
  const client = useQueryClient()
  const start = useMutation({
    mutationFn: () => change<ReplayView>('POST', 'replays', { ...order, ...options }),
    onSuccess: (view) => {
      close()
      client.setQueryData(['replay', view.id], view)
      go(addressOf(['replays', view.id]))
    },
  })
  const left = plan.data?.counts['left'] ?? 0
  return (
    <>
      <p className="soft small">
        The same bytes go to the handlers that the routes have now. The first one goes alone; when it fails,
        the rest is left as it is.
      </p>
      <Fetched of={plan} what="the plan">
        {(view) => <ReplayCounts view={view} />}
      </Fetched>
      <Options wish={options} onChange={setOptions} />
      {start.error !== null && <Warning tone="bad">{start.error.message}</Warning>}
      <SheetFoot close={close}>
        <button
          type="button"
          className="button primary"
          disabled={start.isPending || left === 0}
          onClick={() => start.mutate()}
        >
          Send {plural(left, 'callback')}
        </button>
      </SheetFoot>
    </>
  )
}

interface OptionsProps {
  readonly wish: Wish
  readonly onChange: (wish: Wish) => void
}

function Options({ wish, onChange }: OptionsProps) {
  return (
    <>
      <div className="form-grid">
        <FormLine name="At most">
          <select
            className="field"
            value={wish.rate}
            onChange={(event) => onChange({ ...wish, rate: Number(event.target.value) })}
          >
            {rates.map((each) => (
              <option key={each} value={each}>
                {each} a second
              </option>
            ))}
          </select>
        </FormLine>
        <FormLine name="Why (optional)">
          <input
            className="field"
            maxLength={500}
            value={wish.reason}
            onChange={(event) => onChange({ ...wish, reason: event.target.value })}
          />
        </FormLine>
      </div>
      <label className="switch-label">
        <input
          type="checkbox"
          checked={wish.include_delivered}
          onChange={(event) => onChange({ ...wish, include_delivered: event.target.checked })}
        />
        also what a handler has taken already
      </label>
    </>
  )
}
