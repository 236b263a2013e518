import { type ReactNode, useEffect, useRef, useState } from 'react'

import { addressOf } from '../address.ts'
import { go, usePlace } from '../place.ts'
import { useKeys } from '../state/keys.ts'
import { nextTheme, prefer, usePreferences } from '../state/preferences.ts'
import { Alarms } from './alarms.tsx'
import { Help } from './help.tsx'
import { Nav } from './nav.tsx'
import { allScreens } from './screens.ts'

/** What stands around every screen. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const [isHelpOpen, setHelpOpen] = useState(false)
  const { theme, zone } = usePreferences()
  const main = useRef<HTMLElement>(null)
  const { parts } = usePlace()
  const address = parts.join('/')
  useEffect(() => {
    window.scrollTo(0, 0)
  }, [address])
  useKeys({
    '?': () => setHelpOpen(true),
    '/': (event) => {
      event.preventDefault()
      const field = document.querySelector<HTMLInputElement>('input[type=search]')
      if (field === null) go(addressOf(['search']))
      else field.focus()
    },
    Escape: () => history.back(),
    t: () => prefer({ theme: nextTheme[theme] }),
    z: () => prefer({ zone: zone === 'utc' ? 'local' : 'utc' }),
    ...Object.fromEntries(allScreens.map(({ id }, at) => [String(at + 1), () => go(addressOf([id]))])),
  })
  return (
    <div className="frame">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Nav onHelp={() => setHelpOpen(true)} />
      <main className="main" ref={main} tabIndex={-1}>
        <div className="screen">
          <Alarms />
          {children}
        </div>
      </main>
      <Help isOpen={isHelpOpen} onChange={setHelpOpen} />
    </div>
  )
}
