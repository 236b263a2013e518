import { styleText } from 'node:util'

import type { Clock } from '../clock.ts'
import { jsonLine } from './terminal-text.ts'
import { clipped } from './wrapping.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where text goes; process.stdout fits. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Characters in a line of the terminal. */
  readonly columns?: number
}

export type Color = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim' | 'none'
export type Paint = (color: Color, text: string) => string

/** Options that every command knows. */
export interface GlobalOptions {
  readonly config?: string
  readonly url?: string
  readonly tokenFile?: string
  readonly json?: boolean
  readonly color?: boolean
}

/** What a command works with: data goes to `print`, messages to `tell`. */
export interface Cli {
  readonly env: Environment
  readonly clock: Clock
  readonly options: GlobalOptions
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly paint: Paint
  /** Characters that a line of standard output holds: no end to them where it is not a terminal. */
  readonly width: number
  print(text: string): void
  printJson(value: unknown): void
  tell(text: string): void
  /** Replaces the last progress on a terminal; nothing elsewhere. An empty text ends it. */
  progress(text: string): void
}

/** Colour only where a person looks: a terminal, unless NO_COLOR (https://no-color.org), TERM=dumb or --no-color say no. */
export function painter(output: Output, env: Environment, color: boolean | undefined): Paint {
  const isForced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0'
  const isOff = color === false || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  if (isOff || (output.isTTY !== true && !isForced)) return (_color, text) => text
  return (color, text) => (color === 'none' ? text : styleText(color, text, { validateStream: false }))
}

export function createCli(parts: {
  readonly env: Environment
  readonly clock: Clock
  readonly stdout: Output
  readonly stderr: Output
  readonly signal: AbortSignal
  readonly options: GlobalOptions
}): Cli {
  const { env, clock, stdout, stderr, signal, options } = parts
  return {
    env,
    clock,
    options,
    signal,
    paint: painter(stdout, env, options.color),
    width: lineOf(stdout),
    print: (text) => {
      stdout.write(`${text}\n`)
    },
    printJson: (value) => {
      stdout.write(`${jsonLine(value)}\n`)
    },
    progress: (text) => {
      if (stderr.isTTY === true) stderr.write(`\r\u001b[K${clipped(text, lineOf(stderr) - 1)}`)
    },
    tell: (text) => {
      stderr.write(`${text}\n`)
    },
  }
}

function lineOf({ isTTY, columns }: Output): number {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : Number.POSITIVE_INFINITY
}
