import type { ReactNode } from 'react'

import { useMay } from '../api/queries.ts'

/**
 * A button that changes something. Whoever has not the role for it can reach it all the same, also by keyboard, and is
 * told what it needs.
 */
export function RoleButton(props: {
  readonly needs: 'replay' | 'admin'
  readonly onClick?: () => void
  readonly isBusy?: boolean
  readonly className?: string | undefined
  readonly children: ReactNode
}) {
  const { needs, onClick, isBusy = false, className = 'button', children } = props
  const may = useMay(needs)
  return (
    <button
      type="button"
      className={className}
      disabled={may && isBusy}
      {...(may ? { onClick } : { 'aria-disabled': true, title: `Needs the role ${needs}` })}
    >
      {children}
    </button>
  )
}
