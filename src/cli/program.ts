import { inspect } from 'node:util'

import { Command, CommanderError } from 'commander'

import { type Clock, systemClock } from '../clock.ts'
import { ConfigError, formatProblem } from '../config/problem.ts'
import { RingbackError } from '../errors.ts'
import { addAlerts } from './commands/alerts.ts'
import { addSilence } from './commands/alert-handling.ts'
import { addAudit } from './commands/audit.ts'
import { addCheck } from './commands/check.ts'
import { type Cli, createCli, type Environment, type GlobalOptions, type Output, painter } from './cli.ts'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { configPath, withDotEnv } from './configuration.ts'
import { addDead } from './commands/dead.ts'
import { addDoctor } from './commands/doctor/doctor.ts'
import { addDrill } from './commands/drill.ts'
import { addExplain } from './commands/explain.ts'
import { exitCodeHelp, exitCodes } from './exit-codes.ts'
import { addHealthcheck } from './commands/healthcheck.ts'
import { addInit } from './commands/init.ts'
import { addList } from './commands/list.ts'
import { addListen } from './commands/listen.ts'
import { addReconcile } from './commands/reconcile.ts'
import { addReload } from './commands/reload.ts'
import { addReplay } from './commands/replay.ts'
import { addSend } from './commands/send.ts'
import { addShow } from './commands/show.ts'
import { addStatus } from './commands/status.ts'
import { addTail } from './commands/tail.ts'
import { addTrial } from './commands/trial.ts'
import { manyLines, oneLine } from './terminal-text.ts'
import { refuseUnknownSubcommands, unknownWord } from './unknown-word.ts'
import { addUrls } from './commands/urls.ts'
import { plural } from './words.ts'

const LONGEST_MESSAGE = 8000

/** What `serve` is started with. */
export interface ServeOptions {
  /** Undefined means the trial configuration. */
  readonly configPath: string | undefined
  /** The environment, completed from a `.env` beside the configuration. */
  readonly env: Environment
}

export interface RunOptions {
  /** Arguments after the program's own name. */
  readonly argv: readonly string[]
  readonly env: Environment
  readonly stdout: Output
  readonly stderr: Output
  readonly version: string
  /** Runs the daemon until it is stopped; resolves with the exit code. */
  readonly serve: (options: ServeOptions) => Promise<number>
  /** Adds commands that only the process's own edge can build. */
  readonly addCommands?: (program: Command, cliFor: (command: Command) => Cli) => void
  /** Aborted by Ctrl-C; commands that go on end then. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

/** Runs one command line and resolves with the exit code. Never rejects. */
export async function runCli(options: RunOptions): Promise<number> {
  const { env, stderr } = options
  let code: number = exitCodes.ok
  const program = buildProgram(options, (served) => {
    code = served
  })
  try {
    await program.parseAsync(options.argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    // What Ctrl-C cut off has failed at nothing.
    if (options.signal?.aborted === true && isUnanswered(error)) return exitCodes.interrupted
    const paint = painter(stderr, env, program.opts<GlobalOptions>().color)
    stderr.write(`${messageOf(error, paint('red', 'error:'))}\n`)
    const isHealthcheck = options.argv.includes('healthcheck')
    if (!(error instanceof RingbackError) || isHealthcheck) return exitCodes.general
    return exitCodes[error.code]
  }
}

function buildProgram(options: RunOptions, served: (code: number) => void): Command {
  const { env, stdout, stderr, version, clock = systemClock } = options
  const signal = options.signal ?? new AbortController().signal
  const program = new Command('ringback')
    .description('Delivery monitoring, rescue and alerting for Vobiz callbacks.')
    .version(version, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration file (RINGBACK_CONFIG; ringback.yaml if there is one)')
    .option('--url <url>', 'admin port of the daemon (RINGBACK_URL)')
    .option('--token-file <file>', 'file that holds the admin token (RINGBACK_ADMIN_TOKEN)')
    .option('--json', 'print data as JSON, one object a line')
    .option('--no-color', 'print without colour (NO_COLOR)')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the options)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // It repeats what was typed, which a script may have taken from anywhere.
      outputError: (text, write) => write(manyLines(text, LONGEST_MESSAGE)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      'before',
      'Examples:\n  ringback                    run on the trial configuration or ringback.yaml\n' +
        '  ringback send               send a signed test callback through it\n' +
        '  ringback list --failed      see what went wrong\n',
    )
    .addHelpText('after', `\n${exitCodeHelp}`)
  const cliFor = (command: Command) =>
    createCli({ env, clock, stdout, stderr, signal, options: command.optsWithGlobals<GlobalOptions>() })
  addServe(program, cliFor, async (serveOptions) => served(await options.serve(serveOptions)))
  const commands = [
    addInit,
    addCheck,
    addUrls,
    addSend,
    addStatus,
    addList,
    addShow,
    addTail,
    addListen,
    addAlerts,
    addSilence,
    addDrill,
    addReplay,
    addReconcile,
    addDead,
    addExplain,
    addConfig,
    addReload,
    addAudit,
  ]
  for (const add of [...commands, addTrial, addDoctor, addHealthcheck, addCompletion]) add(program, cliFor)
  options.addCommands?.(program, cliFor)
  refuseUnknownSubcommands(program)
  return program
}

function addServe(
  program: Command,
  cliFor: (command: Command) => Cli,
  serve: (options: ServeOptions) => Promise<void>,
): void {
  program
    .command('serve', { isDefault: true })
    .summary('run the daemon (what happens without a command)')
    .addHelpText(
      'before',
      'Examples:\n  ringback serve\n  ringback serve --config /etc/ringback/ringback.yaml\n',
    )
    // Being the default, it is handed what no command is named by; it says so better than the parser would.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => {
      const [word] = command.args
      if (word !== undefined) throw unknownWord(word, program)
      const cli = cliFor(command)
      const path = configPath(cli)
      await serve({ configPath: path, env: withDotEnv(cli.env, path) })
    })
}

function isUnanswered(error: unknown): boolean {
  if (error instanceof RingbackError) return error.code === 'unreachable'
  return error instanceof Error && error.name === 'AbortError'
}

/** A foreseen error speaks for itself; of any other the whole story is wanted. */
function messageOf(error: unknown, lead: string): string {
  if (error instanceof ConfigError) {
    // Lines that begin with file:line:column can be clicked in many terminals.
    const lines = error.problems.map((each) => oneLine(formatProblem(each)))
    return [...lines, `${lead} ${plural(lines.length, 'problem')} in the configuration.`].join('\n')
  }
  const text = error instanceof RingbackError ? error.message : inspect(error)
  return `${lead} ${manyLines(text, LONGEST_MESSAGE)}`
}
