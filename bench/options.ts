import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

import { scenesOf } from './measure/scenes.ts'
import { type SuiteName, suiteNames } from './suites.ts'

export interface Options {
  readonly suite: SuiteName
  readonly rounds: number
  /** Length of one window. */
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly connections: number
  /** Open-loop rates, requests a second. */
  readonly rates: readonly number[]
  /** Names of the contenders to run, or of the scenes of `bounds`; empty means all. */
  readonly only: readonly string[]
  /** Connections of the crowds of `bounds`. */
  readonly crowd: number
  /** Folder for ledgers and logs; its disk is what the durable variants wait for. */
  readonly data: string
  /** A big ledger for `growth`; it is written to. */
  readonly ledger: string | undefined
  /** Cores of proxy, generator and upstream; `auto` gives the proxy one for itself, `off` leaves it to the kernel. */
  readonly pin: 'auto' | 'off' | readonly [proxy: number, generator: number, upstream: number]
}

interface Defaults {
  readonly seconds?: string
  readonly rates?: string
  readonly pin?: string
}

/** Where a suite has defaults of its own. */
const ownDefaults: Partial<Record<SuiteName, Defaults>> = {
  proxies: { pin: 'off' },
  soak: { seconds: '180' },
  workers: { pin: 'off' },
  bounds: { seconds: '12', rates: '500', pin: 'off' },
}

const sceneNames = scenesOf(0).map(({ name }) => name)

export const usage = `npm run bench -- [SUITE] [options]

suites
  proxies            Ringback beside nginx, HAProxy and the Node proxies (default)
  features           what each part costs: signature, ledger, metrics, log, alerts off in turn
  growth             2,000 routes beside 1; with --ledger FILE a big ledger beside an empty one
  workers            workers: 1, 2 and 3, beside what the load itself takes
  soak               memory: a minute of saturation, then two more and one at rest to see whether it grows
  bounds             hostile clients and an outage at full load: what callbacks feel, what memory it takes

options
  --quick            two rounds of two-second windows, 1,000/s only (about two minutes); for bounds two
                     seconds a scene
  --rounds N         rounds; each visits every contender once (default 5)
  --seconds N        length of a window (default 5); for soak the whole time (default 180), for bounds a scene
                     (default 12)
  --rates A,B        open-loop rates, requests a second (default 1000,2000; "none" for saturation only); for bounds one
                     (default 500)
  --connections N    kept-alive client connections (default 64)
  --crowd N          hostile connections of bounds (default 8000); "ulimit -n" must allow them
  --only A,B         contenders to run, "direct" always runs (default all); for bounds its scenes:
                     ${sceneNames.join(', ')}
  --data FOLDER      where ledgers and logs are written (default ${tmpdir()})
  --ledger FILE      a ledger made by bench/ledger/fill.ts, for growth; it is written to
  --pin P,G,U        cores of proxy, generator and upstream; "off" lets all of them use every core, "auto" is 0,1,1, or
                     0,1,2 from three cores on (default off for proxies, workers and bounds, auto for the others)
`

/** @throws TypeError with a sentence for the user when an argument is unknown or malformed */
export function readOptions(argv: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      rates: { type: 'string' },
      connections: { type: 'string', default: '64' },
      crowd: { type: 'string', default: '8000' },
      only: { type: 'string', default: '' },
      data: { type: 'string', default: tmpdir() },
      ledger: { type: 'string' },
      pin: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const suite = suiteNamed(positionals)
  const {
    seconds = '5',
    rates = values.quick ? '1000' : '1000,2000',
    pin = 'auto',
  } = ownDefaults[suite] ?? {}
  return {
    suite,
    rounds: positive('rounds', values.rounds ?? (values.quick ? '2' : '5')),
    seconds: positive('seconds', values.seconds ?? (values.quick ? '2' : seconds)),
    warmUpSeconds: values.quick ? 0.5 : 1,
    connections: positive('connections', values.connections),
    crowd: positive('crowd', values.crowd),
    rates: ratesOf(values.rates ?? rates, suite),
    only: list(values.only),
    data: values.data,
    ledger: values.ledger,
    pin: pinOf(values.pin ?? pin),
  }
}

function suiteNamed(positionals: readonly string[]): SuiteName {
  const [name = 'proxies', ...more] = positionals
  const found = suiteNames.find((each) => each === name)
  if (found === undefined || more.length > 0)
    throw new TypeError(`${positionals.join(' ')}: there are the suites ${suiteNames.join(', ')}`)
  return found
}

function ratesOf(text: string, suite: SuiteName): readonly number[] {
  const rates = list(text).map((rate) => positive('rates', rate))
  if (suite === 'bounds' && rates.length !== 1)
    throw new TypeError(`--rates ${text}: bounds has one rate for all of its scenes`)
  return rates
}

function pinOf(text: string): Options['pin'] {
  if (text === 'auto' || text === 'off') return text
  const [proxy, generator, upstream, ...more] = text.split(',').map(Number)
  const cores = [proxy, generator, upstream].filter((core) => Number.isInteger(core) && Number(core) >= 0)
  if (cores.length !== 3 || more.length > 0)
    throw new TypeError(`--pin ${text}: write three cores, such as 0,1,1, or "auto" or "off"`)
  return [Number(proxy), Number(generator), Number(upstream)]
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new TypeError(`--${name}: ${text} is not a positive number`)
  return value
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'none')
}
