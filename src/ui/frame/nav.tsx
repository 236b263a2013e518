import { Dialog } from '@base-ui/react/dialog'
import { useState } from 'react'

import { useIncidents } from '../api/alert-queries.ts'
import { useStatus } from '../api/queries.ts'
import { count } from '../format/amount.ts'
import { Icon } from '../parts/icons.tsx'
import { usePlace } from '../place.ts'
import { LinkMark, Tools } from './nav-foot.tsx'
import { homeOf, settingUp, watching } from './screens.ts'
import { SignOut } from './sign-out.tsx'

type Link = (typeof watching)[number]

/** The menu: beside the content, or on a phone at the bottom, where the thumb is. */
export function Nav({ onHelp }: { readonly onHelp: () => void }) {
  const rest = [...watching.slice(4), ...settingUp]
  return (
    <header className="nav">
      <a className="brand" href="#/live">
        <Brand />
        <span className="brand-word">Ringback</span>
      </a>
      <nav aria-label="Screens" className="nav-menu">
        <ul className="nav-links">
          {watching.map((link, at) => (
            <NavLink key={link.id} link={link} isOffPhone={at >= 4} />
          ))}
        </ul>
        <ul className="nav-links off-phone">
          {settingUp.map((link) => (
            <NavLink key={link.id} link={link} />
          ))}
        </ul>
        <More links={rest} />
      </nav>
      <div className="nav-foot">
        <LinkMark />
        <Tools onHelp={onHelp} />
        <SignOut />
      </div>
    </header>
  )
}

function NavLink(props: {
  readonly link: Link
  readonly isOffPhone?: boolean
  readonly onChoose?: () => void
}) {
  const { id, label, icon } = props.link
  const [first = 'live'] = usePlace().parts
  return (
    <li className={props.isOffPhone === true ? 'off-phone' : undefined}>
      <a
        className="nav-link"
        href={`#/${id}`}
        aria-current={id === homeOf(first) ? 'page' : undefined}
        onClick={props.onChoose}
      >
        <Icon name={icon} />
        {label}
        <Need of={id} />
      </a>
    </li>
  )
}

/** How many things of a screen wait for somebody. */
function Need({ of }: { readonly of: string }) {
  const firing = useIncidents().data?.rows.filter((row) => row.closed_at === null).length ?? 0
  const dead = useStatus().data?.rescue.dead ?? 0
  const need = { incidents: [firing, 'firing'], 'dead-letters': [dead, 'dead letters'] } as const
  const [amount, word] = of in need ? need[of as keyof typeof need] : [0, '']
  if (amount === 0) return null
  return (
    <span className="nav-count" data-tone={of === 'incidents' ? 'bad' : 'warn'}>
      {amount > 999 ? '999+' : count(amount)}
      <span className="unseen"> {word}</span>
    </span>
  )
}

/** The screens that a phone has no room for at the bottom. */
function More({ links }: { readonly links: readonly Link[] }) {
  const [isOpen, setOpen] = useState(false)
  const [first = 'live'] = usePlace().parts
  const isHere = links.some(({ id }) => id === homeOf(first))
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger className="nav-link only-phone" data-current={isHere}>
        <Icon name="more" />
        More
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="sheet-back" />
        <Dialog.Popup className="sheet more-sheet">
          <Dialog.Title>More</Dialog.Title>
          <ul>
            {links.map((link) => (
              <NavLink key={link.id} link={link} onChoose={() => setOpen(false)} />
            ))}
          </ul>
          <SignOut />
          <div className="sheet-foot">
            <Dialog.Close className="button">Close</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2451d6" />
      <path
        d="M10 22V10h7a4.2 4.2 0 0 1 0 8.400h-7m6.500 0L21.500 22"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
