import type { ReactNode } from 'react'

import { ApiError } from '../api/ask.ts'
import { Icon, type IconName } from './icons.tsx'

/** Why there is nothing here, and the one thing to do about it. */
export function Empty(props: {
  readonly icon?: IconName
  readonly title: string
  /** It stands for the whole screen, so its title is that of the screen. */
  readonly isScreen?: boolean
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <div className="note">
      <Icon name={props.icon ?? 'idle'} />
      {props.isScreen === true ? <h1>{props.title}</h1> : <strong>{props.title}</strong>}
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

/** What the API said when it did not answer with what was asked for. */
function Failed(props: { readonly error: Error; readonly isScreen: boolean; readonly retry: () => void }) {
  const { error, isScreen, retry } = props
  const status = error instanceof ApiError ? error.status : 0
  const again = (
    <button type="button" className="button" onClick={retry}>
      Try again
    </button>
  )
  const search = (
    <a className="button" href="#/search">
      To the search
    </a>
  )
  return (
    <div role="alert">
      <Empty
        icon={status === 404 ? 'idle' : 'warn'}
        title={failureTitle(status)}
        isScreen={isScreen}
        actions={mayChange(status) ? again : search}
      >
        <p className="foreign">{error.message}</p>
      </Empty>
    </div>
  )
}

function failureTitle(status: number): string {
  if (status === 0) return 'No answer'
  if (status >= 500) return 'Ringback could not answer'
  return refusals[status] ?? 'Refused'
}

const refusals: Readonly<Record<number, string>> = {
  400: 'Not understood',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  429: 'Too many at once',
}

/** May the same question be answered a moment later? */
function mayChange(status: number): boolean {
  return status === 0 || status === 429 || status >= 500
}

/** Loading, failed, or what to show of the value: every screen has all three. */
export function Fetched<Value>(props: {
  readonly of: { data: Value | undefined; error: Error | null; refetch: () => unknown }
  readonly what: string
  /** There is nothing on the screen but this. */
  readonly isScreen?: boolean
  readonly children: (value: Value) => ReactNode
}) {
  const { data, error, refetch } = props.of
  const { isScreen = false } = props
  if (data !== undefined) return props.children(data)
  if (error !== null) return <Failed error={error} isScreen={isScreen} retry={() => void refetch()} />
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
