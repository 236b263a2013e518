import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

import { addBacktest } from './cli/commands/backtest.ts'
import { addDemo } from './cli/commands/demo.ts'
import { watchPipe } from './cli/closed-pipe.ts'
import { exitCodes } from './cli/exit-codes.ts'
import { runCli } from './cli/program.ts'
import { home } from './home.ts'

const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }

const OLDEST_NODE = 24
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `error: Ringback needs Node ${OLDEST_NODE} or newer; this is ${process.version}. npm start brings its own.\n`,
  )
  process.exit(1)
}

// What lives long here is little, and what a callback leaves behind is dead when it is collected: handing that work to
// helper threads costs more than it (a tenth of all processor time with two cores).
setFlagsFromString('--no-parallel-scavenge')

/** Ctrl-C, or nobody reads on: what goes on ends at its next step, whatever does not is ended here; `serve` has its own way to stop. */
const interrupt = new AbortController()
const PATIENCE_MS = 1_000
let isServing = false
const readerGone = new AbortController()
function endSoon(code: number): void {
  if (isServing || interrupt.signal.aborted) return
  interrupt.abort()
  setTimeout(() => process.exit(code), PATIENCE_MS).unref()
}
process.once('SIGINT', () => endSoon(exitCodes.interrupted))
watchPipe(process.stdout, {
  onGone: () => {
    readerGone.abort()
    endSoon(exitCodes.ok)
  },
  onBroken: (error) => {
    process.stderr.write(`error: cannot write what was asked for: ${error.message}\n`)
    process.exit(exitCodes.general)
  },
})
// With standard error gone there is nobody to tell; what was asked for is done all the same.
watchPipe(process.stderr, { onGone: () => undefined, onBroken: () => undefined })

function atExit(work: () => void): () => void {
  process.once('exit', work)
  return () => void process.off('exit', work)
}

const code = await runCli({
  argv: process.argv.slice(2),
  signal: interrupt.signal,
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
  // The daemon is loaded only where it is to run: every other command starts faster without it.
  addCommands: (program, cliFor) => {
    addBacktest(program, cliFor, async (config, span) =>
      (await import('./assembly/backtest.ts')).backtest(config, span),
    )
    addDemo(program, cliFor, async (options) =>
      (await import('./demo/demo.ts')).runDemo({ ...options, version, nodeVersion: process.version, atExit }),
    )
  },
  serve: async (options) => {
    isServing = true
    return (await import('./serve.ts')).serve({ ...options, version })
  },
})
// Set, not exited with: what is still on its way to a pipe gets there.
process.exitCode = readerGone.signal.aborted && code === exitCodes.interrupted ? exitCodes.ok : code
