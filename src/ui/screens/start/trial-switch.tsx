import { Switch } from '@base-ui/react/switch'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import type { TestCallbackResult, TrialView } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { useTrial } from '../../api/queries.ts'
import { Warning } from '../../parts/notes.tsx'
import { RoleButton } from '../../parts/role-button.tsx'

const SEVERAL = 3

/** Breaks and mends the sample handler. With a configuration of their own, people break their own handler. */
export function TrialSwitch({ isTrial }: { readonly isTrial: boolean }) {
  const client = useQueryClient()
  const { data, error } = useTrial(isTrial)
  const turn = useMutation({
    mutationFn: (handler: TrialView['handler']) => change<TrialView>('POST', 'trial', { handler }),
    onSuccess: (view) => client.setQueryData(['trial'], view),
  })
  const sendSeveral = useMutation({
    mutationFn: async () => {
      for (let sent = 0; sent < SEVERAL; sent++) await change<TestCallbackResult>('POST', 'test-callback', {})
    },
    onSettled: () => client.invalidateQueries(),
  })
  if (!isTrial) {
    return (
      <p className="faint">
        The sample handler belongs to the trial configuration. With your own: stop your handler for a moment.
      </p>
    )
  }
  const isBroken = data?.handler === 'broken'
  const problem = error ?? turn.error ?? sendSeveral.error
  return (
    <div className="row">
      <label className="switch-label">
        <Switch.Root
          className="switch"
          checked={isBroken}
          onCheckedChange={(isOn) => turn.mutate(isOn ? 'broken' : 'healthy')}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
        {isBroken ? 'The sample handler is broken' : 'Break the sample handler'}
      </label>
      <RoleButton needs="replay" isBusy={sendSeveral.isPending} onClick={() => sendSeveral.mutate()}>
        Send {SEVERAL} callbacks
      </RoleButton>
      {problem !== null && <Warning tone="bad">{problem.message}</Warning>}
    </div>
  )
}
