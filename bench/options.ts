import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
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
}

export const usage = `npm run bench -- [options]

  --quick            two rounds of two-second windows, 1,000/s only (about two minutes)
  --rounds N         rounds; each visits every contender once (default 5)
  --seconds N        length of a window (default 5)
  --rates A,B        open-loop rates, requests a second (default 1000,2000)
  --connections N    kept-alive client connections (default 64)
  --only A,B         contenders to run, "direct" always runs (default all)
  --data FOLDER      where ledgers and logs are written (default ${tmpdir()})
`

/** @throws TypeError with a sentence for the user when an argument is unknown or malformed */
export function readOptions(argv: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      rates: { type: 'string' },
      connections: { type: 'string', default: '64' },
      only: { type: 'string', default: '' },
      data: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    rounds: positive('rounds', values.rounds ?? (values.quick ? '2' : '5')),
    seconds: positive('seconds', values.seconds ?? (values.quick ? '2' : '5')),
    warmUpSeconds: values.quick ? 0.5 : 1,
    connections: positive('connections', values.connections),
    rates: list(values.rates ?? (values.quick ? '1000' : '1000,2000')).map((rate) => positive('rates', rate)),
    only: list(values.only),
    data: values.data,
  }
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
    .filter((part) => part !== '')
}
