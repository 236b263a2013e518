import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

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
  /** Names of the contenders to run; empty means all. */
  readonly only: readonly string[]
  /** Folder for ledgers and logs; its disk is what the durable variants wait for. */
  readonly data: string
  /** A big ledger for `growth`; it is written to. */
  readonly ledger: string | undefined
  /** Cores of proxy, generator and upstream; `auto` where there are two cores and taskset, `off` for the kernel's choice. */
  readonly pin: 'auto' | 'off' | readonly [proxy: number, generator: number, upstream: number]
}

export const usage = `npm run bench -- [SUITE] [options]

suites
  proxies            Ringback beside nginx, HAProxy and the Node proxies (default)
  features           what each part costs: signature, ledger, metrics, log, alerts off in turn
  growth             2,000 routes beside 1; with --ledger FILE a big ledger beside an empty one
  workers            workers: 1, 2 and 3, not pinned to cores, beside what the load itself takes
  soak               memory: a minute of saturation, then two more to see whether it grows

options
  --quick            two rounds of two-second windows, 1,000/s only (about two minutes)
  --rounds N         rounds; each visits every contender once (default 5)
  --seconds N        length of a window (default 5); for soak the whole time (default 180)
  --rates A,B        open-loop rates, requests a second (default 1000,2000; "none" for saturation only)
  --connections N    kept-alive client connections (default 64)
  --only A,B         contenders to run, "direct" always runs (default all)
  --data FOLDER      where ledgers and logs are written (default ${tmpdir()})
  --ledger FILE      a ledger made by bench/fill-ledger.ts, for growth; it is written to
  --pin P,G,U        cores of proxy, generator and upstream (default 0,1,1, or 0,1,2 from three cores on); "off", the
                     default of workers
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
      only: { type: 'string', default: '' },
      data: { type: 'string', default: tmpdir() },
      ledger: { type: 'string' },
      pin: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const suite = suiteNamed(positionals)
  const seconds = suite === 'soak' ? '180' : '5'
  return {
    suite,
    rounds: positive('rounds', values.rounds ?? (values.quick ? '2' : '5')),
    seconds: positive('seconds', values.seconds ?? (values.quick ? '2' : seconds)),
    warmUpSeconds: values.quick ? 0.5 : 1,
    connections: positive('connections', values.connections),
    rates: list(values.rates ?? (values.quick ? '1000' : '1000,2000')).map((rate) => positive('rates', rate)),
    only: list(values.only),
    data: values.data,
    ledger: values.ledger,
    pin: pinOf(values.pin ?? (suite === 'workers' ? 'off' : 'auto')),
  }
}

function suiteNamed(positionals: readonly string[]): SuiteName {
  const [name = 'proxies', ...more] = positionals
  const found = suiteNames.find((each) => each === name)
  if (found === undefined || more.length > 0)
    throw new TypeError(`${positionals.join(' ')}: there are the suites ${suiteNames.join(', ')}`)
  return found
}

function pinOf(text: string): Options['pin'] {
  if (text === 'auto' || text === 'off') return text
  const [proxy, generator, upstream, ...more] = text.split(',').map(Number)
  const cores = [proxy, generator, upstream].filter((core) => Number.isInteger(core) && Number(core) >= 0)
  if (cores.length !== 3 || more.length > 0)
    throw new TypeError(`--pin ${text}: write three cores, such as 0,1,1, or "off"`)
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
