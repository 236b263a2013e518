import { Component, type ReactNode } from 'react'

import { Empty } from '../parts/notes.tsx'

interface State {
  readonly error: Error | undefined
}

/** Keeps a screen that breaks, or whose file cannot be fetched, from taking the whole page with it. */
export class ScreenGuard extends Component<{ readonly children: ReactNode }, State> {
  static getDerivedStateFromError(error: Error): State {
    return { error }
  }

  override state: State = { error: undefined }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const reload = (
      <button type="button" className="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    )
    return (
      <div role="alert">
        <Empty icon="warn" title="This screen cannot be shown" isScreen actions={reload}>
          <p>Either Ringback was updated or stopped since the page was opened, or the page has a fault.</p>
          <p className="foreign faint">{error.message}</p>
        </Empty>
      </div>
    )
  }
}
