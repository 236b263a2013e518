import { Dialog } from '@base-ui/react/dialog'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import type { ReplayRequest, ReplayView } from '../../admin/api.ts'
import { ask, change } from '../api/ask.ts'
import { plural } from '../format/amount.ts'
import { Fetched, Warning } from './notes.tsx'

const POLL_MS = 500

/** Sends callbacks to their handlers once more: first what would happen, then that, with its progress. */
export function ReplayButton({ order, label }: { readonly order: ReplayRequest; readonly label: string }) {
  return (
    <Dialog.Root>
      <Dialog.Trigger className="button">{label}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="sheet-back" />
        <Dialog.Popup className="sheet stack">
          <Dialog.Title>Send to the handler again</Dialog.Title>
          <Replay order={order} />
          <p>
            <Dialog.Close className="button">Close</Dialog.Close>
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Replay({ order }: { readonly order: ReplayRequest }) {
  const start = useMutation({
    mutationFn: (wish: ReplayRequest) => change<ReplayView>('POST', 'replays', wish),
  })
  if (start.data !== undefined) return <Progress started={start.data} />
  return (
    <>
      <Plan order={order} isBusy={start.isPending} onStart={start.mutate} />
      {start.error !== null && <Warning tone="bad">{start.error.message}</Warning>}
    </>
  )
}

/** What would be sent, and why the rest would not. */
function Plan(props: {
  readonly order: ReplayRequest
  readonly isBusy: boolean
  readonly onStart: (wish: ReplayRequest) => void
}) {
  const [hasDelivered, setDelivered] = useState(false)
  const wish = { ...props.order, include_delivered: hasDelivered }
  const plan = useQuery({
    queryKey: ['replay-plan', wish],
    queryFn: () => change<ReplayView>('POST', 'replays', { ...wish, dry_run: true }),
    staleTime: 0,
  })
  return (
    <>
      <p className="soft">The first one goes alone; when it fails, the rest is left as it is.</p>
      <label className="switch-label">
        <input
          type="checkbox"
          checked={hasDelivered}
          onChange={(event) => setDelivered(event.target.checked)}
        />
        also what a handler has taken already
      </label>
      <Fetched of={plan} what="the plan">
        {(view) => (
          <>
            <Counts view={view} />
            <button
              type="button"
              className="button primary"
              disabled={props.isBusy || (view.counts['left'] ?? 0) === 0}
              onClick={() => props.onStart(wish)}
            >
              Send {plural(view.counts['left'] ?? 0, 'callback')}
            </button>
          </>
        )}
      </Fetched>
    </>
  )
}

function Progress({ started }: { readonly started: ReplayView }) {
  const client = useQueryClient()
  const { data: view = started } = useQuery({
    queryKey: ['replay', started.id],
    queryFn: () => ask<ReplayView>(`replays/${started.id}`),
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.state === 'running' ? POLL_MS : false,
  })
  const cancel = useMutation({
    mutationFn: () => change<ReplayView>('DELETE', `replays/${started.id}`),
    onSettled: () => client.invalidateQueries(),
  })
  return (
    <div role="status" className="stack">
      <p>{stateWords[view.state]}</p>
      <Counts view={view} />
      {view.state === 'running' && (
        <button type="button" className="button" onClick={() => cancel.mutate()}>
          Cancel
        </button>
      )}
    </div>
  )
}

const stateWords: Readonly<Record<ReplayView['state'], string>> = {
  planned: 'Planned.',
  running: 'Under way.',
  done: 'Done.',
  aborted: 'Ended: too many failed.',
  cancelled: 'Cancelled.',
  interrupted: 'Ended: Ringback was stopped while it ran.',
}

/** How many are in each state; they add up. */
function Counts({ view }: { readonly view: ReplayView }) {
  return (
    <dl className="facts">
      {Object.entries(view.counts).map(([state, count]) => (
        <div key={state}>
          <dt>{state === 'left' ? 'to be sent' : state.replaceAll('_', ' ')}</dt>
          <dd className="numbers">{count}</dd>
        </div>
      ))}
    </dl>
  )
}
