import { ago, clockTime, dateTime, shortTime } from '../format/time.ts'
import { useNow } from '../state/now.ts'
import { usePreferences } from '../state/preferences.ts'

type How = 'clock' | 'short' | 'full' | 'ago'

/** A moment in the reader's zone; hovering shows it whole, in both zones. */
export function Moment({ at, how = 'short' }: { readonly at: number; readonly how?: How }) {
  const { zone } = usePreferences()
  const whole = `${dateTime(at, 'local')} local, ${dateTime(at, 'utc')} UTC`
  return (
    <time className="numbers" dateTime={new Date(at).toISOString()} title={whole}>
      {how === 'clock' && clockTime(at, zone)}
      {how === 'full' && `${dateTime(at, zone)}${zone === 'utc' ? ' UTC' : ''}`}
      {how === 'short' && <Short at={at} />}
      {how === 'ago' && <Ago at={at} />}
    </time>
  )
}

function Short({ at }: { readonly at: number }) {
  const { zone } = usePreferences()
  return shortTime(at, zone, Date.now())
}

function Ago({ at }: { readonly at: number }) {
  return ago(at, useNow())
}
