import { Icon } from '../parts/icons.tsx'
import { useLink } from '../state/live.tsx'
import { nextTheme, prefer, usePreferences } from '../state/preferences.ts'

const themeWords = { system: 'Auto', light: 'Light', dark: 'Dark' } as const
const zoneWords = { local: 'Local', utc: 'UTC' } as const
const linkWords = { connecting: 'Connecting', live: 'Connected', lost: 'Reconnecting' } as const

/** Does the page hear of what happens? */
export function LinkMark() {
  const link = useLink()
  return (
    <span className="link-state" data-state={link} role="status">
      {linkWords[link]}
    </span>
  )
}

/** How times and colours are shown. */
export function Tools({ onHelp }: { readonly onHelp: () => void }) {
  const { theme, zone } = usePreferences()
  return (
    <div className="nav-tools">
      <button
        type="button"
        className="button quiet tight"
        onClick={() => prefer({ zone: zone === 'utc' ? 'local' : 'utc' })}
        aria-label={`Times: ${zoneWords[zone]}`}
        title="Local time or UTC (z)"
      >
        <Icon name="clock" />
        {zoneWords[zone]}
      </button>
      <button
        type="button"
        className="button quiet tight"
        onClick={() => prefer({ theme: nextTheme[theme] })}
        aria-label={`Theme: ${themeWords[theme]}`}
        title="Light, dark or as the system has it (t)"
      >
        <Icon name="sun" />
        {themeWords[theme]}
      </button>
      <button
        type="button"
        className="button quiet tight off-phone"
        onClick={onHelp}
        aria-label="Keys"
        title="Keys (?)"
      >
        <kbd>?</kbd>
      </button>
    </div>
  )
}
