import { type ReactNode, useEffect, useRef, useState } from 'react'

import { useIncidents, useStatus } from './api/queries.ts'
import { Help } from './parts/help.tsx'
import { Icon, type IconName } from './parts/icons.tsx'
import { Warning } from './parts/notes.tsx'
import { addressOf, go, usePlace } from './place.ts'
import { useKeys } from './state/keys.ts'
import { useLink } from './state/live.tsx'
import { prefer, type Theme, usePreferences } from './state/preferences.ts'
import { SignOut } from './screens/sign-out.tsx'

const screens: readonly { readonly id: string; readonly label: string; readonly icon: IconName }[] = [
  { id: 'live', label: 'Live', icon: 'live' },
  { id: 'routes', label: 'Routes', icon: 'routes' },
  { id: 'search', label: 'Search', icon: 'search' },
  { id: 'incidents', label: 'Alerts', icon: 'alerts' },
  { id: 'start', label: 'Try it', icon: 'start' },
  { id: 'status', label: 'Status', icon: 'status' },
]
const home: Readonly<Record<string, string>> = { callbacks: 'search', calls: 'search' }
const nextTheme = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<Theme, Theme>
const themeWords = { system: 'Auto', light: 'Light', dark: 'Dark' } as const
const zoneWords = { local: 'Local', utc: 'UTC' } as const
const linkWords = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting' } as const

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
    ...Object.fromEntries(screens.map(({ id }, at) => [String(at + 1), () => go(addressOf([id]))])),
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

function Nav({ onHelp }: { readonly onHelp: () => void }) {
  const [first = 'live'] = usePlace().parts
  const current = home[first] ?? first
  const { data } = useIncidents()
  const firing = data?.rows.filter((row) => row.closed_at === null).length ?? 0
  return (
    <header className="nav">
      <a className="brand" href="#/live">
        <Brand />
        Ringback
      </a>
      <nav aria-label="Screens">
        <ul className="nav-links">
          {screens.map(({ id, label, icon }) => (
            <li key={id}>
              <a className="nav-link" href={`#/${id}`} aria-current={id === current ? 'page' : undefined}>
                <Icon name={icon} />
                {label}
                {id === 'incidents' && firing > 0 && (
                  <span className="nav-count">
                    {firing}
                    <span className="unseen"> firing</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <NavFoot onHelp={onHelp} />
    </header>
  )
}

function NavFoot({ onHelp }: { readonly onHelp: () => void }) {
  const link = useLink()
  const { theme, zone } = usePreferences()
  return (
    <div className="nav-foot">
      <span className="link-state" data-state={link} role="status">
        {linkWords[link]}
      </span>
      <div className="nav-tools">
        <button
          type="button"
          className="button quiet"
          onClick={() => prefer({ zone: zone === 'utc' ? 'local' : 'utc' })}
          aria-label={`Times: ${zoneWords[zone]}`}
        >
          {zoneWords[zone]}
        </button>
        <button
          type="button"
          className="button quiet"
          onClick={() => prefer({ theme: nextTheme[theme] })}
          aria-label={`Theme: ${themeWords[theme]}`}
        >
          {themeWords[theme]}
        </button>
        <button type="button" className="button quiet wide" onClick={onHelp} aria-label="Keys">
          <kbd>?</kbd>
        </button>
      </div>
      <SignOut />
    </div>
  )
}

/** What is wrong with the daemon itself is said on every screen. */
function Alarms() {
  const { data, error } = useStatus()
  if (error !== null) return <Warning tone="bad">{error.message}</Warning>
  if (data === undefined) return null
  const problems = [
    ...data.reasons,
    ...(data.config.problem === '' ? [] : [`The last reload was not taken over: ${data.config.problem}`]),
  ]
  return problems.map((problem) => (
    <Warning key={problem} tone="bad">
      {problem}
    </Warning>
  ))
}

function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2f5bea" />
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
