import type { ReactNode } from 'react'

import { ApiError } from '../api/ask.ts'
import { Icon, type IconName } from './icons.tsx'

/** Why there is nothing here, and the one thing to do about it. */
export function Empty(props: {
  readonly icon?: IconName
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <div className="note">
      <Icon name={props.icon ?? 'idle'} />
      <strong>{props.title}</strong>
      {props.children}
      {props.actions !== undefined && <div className="actions">{props.actions}</div>}
    </div>
  )
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="skeleton" role="status" aria-label={`Loading ${what}`}>
      <span />
      <span />
      <span />
      <span />
    </div>
  )
}

/** What the API said when it could not answer. */
function Failed({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  const isUnknown = error instanceof ApiError && error.status === 404
  const actions = retry !== undefined && !isUnknown && (
    <button type="button" className="button" onClick={retry}>
      Try again
    </button>
  )
  return (
    <div role="alert">
      <Empty
        icon={isUnknown ? 'idle' : 'warn'}
        title={isUnknown ? 'Not found' : 'No answer'}
        actions={actions}
      >
        <p className="foreign">{error.message}</p>
      </Empty>
    </div>
  )
}

/** Loading, failed, or what to show of the value: every screen has all three. */
export function Fetched<Value>(props: {
  readonly of: { data: Value | undefined; error: Error | null; refetch: () => unknown }
  readonly what: string
  readonly children: (value: Value) => ReactNode
}) {
  const { data, error, refetch } = props.of
  if (data !== undefined) return props.children(data)
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />
  return <Loading what={props.what} />
}

export function Warning(props: { readonly tone?: 'good' | 'warn' | 'bad'; readonly children: ReactNode }) {
  return (
    <div className="warning" data-tone={props.tone ?? 'warn'} role="status">
      <Icon name={props.tone ?? 'warn'} />
      <div>{props.children}</div>
    </div>
  )
}
