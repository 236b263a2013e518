import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import type { ReloadResult } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { plural } from '../../format/amount.ts'
import { Fetched, Warning } from '../../parts/notes.tsx'
import { SheetButton, SheetFoot } from '../../parts/sheet.tsx'

/** Reads the file again: first what would change, then that. A bad file changes nothing. */
export function Reload() {
  return (
    <SheetButton label="Reload" title="Reload the configuration" needs="admin">
      {(close) => <Sheet close={close} />}
    </SheetButton>
  )
}

function Sheet({ close }: { readonly close: () => void }) {
  const client = useQueryClient()
  const plan = useQuery({
    queryKey: ['reload-plan'],
    queryFn: () => change<ReloadResult>('POST', 'reload', { dry_run: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const reload = useMutation({
    mutationFn: () => change<ReloadResult>('POST', 'reload', {}),
    onSettled: () => client.invalidateQueries(),
  })
  if (reload.data !== undefined) return <Done result={reload.data} close={close} />
  return (
    <>
      {plan.error === null ? (
        <Fetched of={plan} what="the changes">
          {(result) => <Changes result={result} />}
        </Fetched>
      ) : (
        <Warning tone="bad">
          <p>The file has a problem, so what is in force stays in force:</p>
          <pre className="problem-text foreign">{plan.error.message}</pre>
        </Warning>
      )}
      {reload.error !== null && <Warning tone="bad">{reload.error.message}</Warning>}
      <SheetFoot close={close}>
        <button
          type="button"
          className="button primary"
          disabled={reload.isPending || plan.data === undefined}
          onClick={() => reload.mutate()}
        >
          Reload now
        </button>
      </SheetFoot>
    </>
  )
}

function Done({ result, close }: { readonly result: ReloadResult; readonly close: () => void }) {
  return (
    <>
      <p role="status">
        {result.changes.length === 0
          ? 'Reloaded; nothing had changed.'
          : `Reloaded: ${plural(result.changes.length, 'setting')} changed.`}
      </p>
      <SheetFoot close={close} />
    </>
  )
}

/** What differs between the file and what is in force. */
function Changes({ result }: { readonly result: ReloadResult }) {
  return (
    <>
      {result.changes.length === 0 ? (
        <p className="soft">The file says what is in force already.</p>
      ) : (
        <ul className="changes">
          {result.changes.map(({ field, text, needs_restart: needsRestart }) => (
            <li key={field}>
              <code className="foreign">{field}</code> <span className="foreign">{text}</span>
              {needsRestart && <span className="warn-text"> counts after a restart only</span>}
            </li>
          ))}
        </ul>
      )}
      {result.warnings.map((warning) => (
        <Warning key={warning}>
          <span className="foreign">{warning}</span>
        </Warning>
      ))}
    </>
  )
}
