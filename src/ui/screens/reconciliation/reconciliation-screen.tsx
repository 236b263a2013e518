import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import type { ReconciliationView } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { ask, change } from '../../api/ask.ts'
import { EVERY_5_S } from '../../api/queries.ts'
import { count } from '../../format/amount.ts'
import { Mark } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Empty, Fetched, Warning } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RoleButton } from '../../parts/role-button.tsx'
import { findingWords } from '../../words/findings.ts'

const key = ['reconciliation']

/** Calls that the provider has records of and that do not fit their callbacks. */
export function ReconciliationScreen() {
  const view = useQuery({
    queryKey: key,
    queryFn: () => ask<ReconciliationView>('reconciliation'),
    refetchInterval: EVERY_5_S,
  })
  return (
    <>
      <div className="screen-head">
        <h1>Call records</h1>
        <p className="lead">
          What Vobiz says of its calls, held against the callbacks that came. In a terminal: npx ringback
          reconcile.
        </p>
      </div>
      <Fetched of={view} what="the last reading">
        {(report) => (report.is_configured ? <Report report={report} /> : <NotConfigured />)}
      </Fetched>
    </>
  )
}

function NotConfigured() {
  return (
    <Empty icon="config" title="Call records are not read">
      <p>
        Write <code>{'reconciliation: {}'}</code> into the configuration, and <code>auth_token</code> at the
        account: then calls without callbacks, and calls that never ended, stand here.
      </p>
    </Empty>
  )
}

function Report({ report }: { readonly report: ReconciliationView }) {
  const client = useQueryClient()
  const read = useMutation({
    mutationFn: () => change<ReconciliationView>('POST', 'reconciliation', {}),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  })
  const button = (
    <RoleButton needs="replay" isBusy={read.isPending} onClick={() => read.mutate()}>
      {read.isPending ? 'Reading…' : 'Read now'}
    </RoleButton>
  )
  return (
    <>
      {read.error !== null && <Warning tone="bad">{read.error.message}</Warning>}
      <Panel title="Readings" note="of each account" tools={button} isFlush>
        <Accounts report={report} />
      </Panel>
      <Panel title="Calls that do not fit" note="newest first" isFlush>
        {report.findings.length === 0 ? (
          <Empty icon="idle" title="Every call fits its callbacks" />
        ) : (
          <Findings report={report} />
        )}
      </Panel>
    </>
  )
}

function Accounts({ report: { accounts } }: { readonly report: ReconciliationView }) {
  return (
    <div className="scroll-x" role="region" aria-label="Readings" tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th>Account</th>
            <th>Read</th>
            <th className="right">Calls that fit</th>
            <th className="right">That do not</th>
            <th>Problem</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ account, succeeded_at: at, calls, problem, is_complete: isComplete }) => (
            <tr key={account}>
              <td className="foreign">{account}</td>
              <td className="soft">{at === null ? 'not yet' : <Moment at={at} how="ago" />}</td>
              <td className="right numbers">{count(calls.ok)}</td>
              <td className="right numbers">{count(misfits(calls))}</td>
              <td className="foreign soft line">
                {problem !== '' ? problem : isComplete ? '' : 'more records than are read at once'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type Calls = ReconciliationView['accounts'][number]['calls']

function misfits({ no_callback, no_end, step_missing, answer_blamed }: Calls): number {
  return no_callback + no_end + step_missing + answer_blamed
}

function Findings({ report: { findings } }: { readonly report: ReconciliationView }) {
  return (
    <div className="scroll-x" role="region" aria-label="Calls that do not fit" tabIndex={0}>
      <table className="table folds">
        <thead>
          <tr>
            <th>Finding</th>
            <th>Started</th>
            <th>Call</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((row) => (
            <tr key={`${row.account} ${row.call_id} ${row.finding}`}>
              <td className="fit">
                <Mark tone="warn" word={findingWords[row.finding]} />
              </td>
              <td className="fit soft end">
                <Moment at={row.started_at} />
              </td>
              <td className="foreign">
                <a href={addressOf(['calls', row.call_id])}>{row.call_id}</a>
              </td>
              <td className="foreign soft">{row.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
