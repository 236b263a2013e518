import { Dialog } from '@base-ui/react/dialog'
import { type ReactNode, useState } from 'react'

/** A button that opens a sheet over the page; its content gets the way to close it. */
export function SheetButton(props: {
  readonly label: ReactNode
  readonly title: string
  readonly className?: string
  readonly isOff?: boolean
  /** Why the button cannot be pressed, or what it does. */
  readonly hint?: string
  readonly children: (close: () => void) => ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger
        className={props.className ?? 'button'}
        disabled={props.isOff === true}
        title={props.hint}
      >
        {props.label}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="sheet-back" />
        <Dialog.Popup className="sheet">
          <Dialog.Title>{props.title}</Dialog.Title>
          {props.children(() => setOpen(false))}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** The last line of a sheet: the way out, then what it is about. */
export function SheetFoot({
  close,
  children,
}: {
  readonly close: () => void
  readonly children?: ReactNode
}) {
  return (
    <div className="sheet-foot">
      <button type="button" className="button" onClick={close}>
        {children === undefined ? 'Close' : 'Cancel'}
      </button>
      {children}
    </div>
  )
}

/** One field of a form under its name. */
export function FormLine({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <label className="form-line">
      <span>{name}</span>
      {children}
    </label>
  )
}
