import { type ReactNode, useId } from 'react'

/** A part of a screen under a heading of its own. */
export function Panel(props: {
  readonly title: string
  /** Beside the title, in few words. */
  readonly note?: ReactNode
  readonly tools?: ReactNode
  /** The content reaches to the edges: lists and tables. */
  readonly isFlush?: boolean
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.note !== undefined && <span className="soft">{props.note}</span>}
        {props.tools !== undefined && <div className="tools">{props.tools}</div>}
      </div>
      {props.isFlush === true ? props.children : <div className="panel-body">{props.children}</div>}
    </section>
  )
}
