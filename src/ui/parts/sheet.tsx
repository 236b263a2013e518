import { Dialog } from '@base-ui/react/dialog'
import { type ReactNode, useState } from 'react'

import { useMay } from '../api/queries.ts'
import { RoleButton } from './role-button.tsx'

/** A button that opens a sheet over the page, to change something; its content gets the way to close it. */
export function SheetButton(props: {
  readonly label: ReactNode
  readonly title: string
  readonly className?: string
  readonly needs: 'replay' | 'admin'
  readonly children: (close: () => void) => ReactNode
}) {
  const { label, title, needs, className = 'button', children } = props
  const [isOpen, setOpen] = useState(false)
  const may = useMay(needs)
  if (!may) {
    return (
      <RoleButton needs={needs} className={className}>
        {label}
      </RoleButton>
    )
  }
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger className={className}>{label}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="sheet-back" />
        <Dialog.Popup className="sheet">
          <Dialog.Title>{title}</Dialog.Title>
          {children(() => setOpen(false))}
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
