import { availableParallelism } from 'node:os'

import type { Command } from 'commander'

import type { HealthView } from '../../../admin/api.ts'
import type { Config } from '../../../config/schema.ts'
import { Secret } from '../../../config/secret.ts'
import { RingbackError } from '../../../errors.ts'
import type { Cli, Color } from '../../cli.ts'
import { connect, reachable } from '../../client.ts'
import { configPath, readConfiguration } from '../../configuration.ts'
import { checkClock } from './clock.ts'
import { checkDisk } from './disk.ts'
import { checkFiles } from './files.ts'
import { checkNotify } from './notify.ts'
import { checkPublicUrl } from './proxy.ts'
import { checkTarget, isPortFree } from './network.ts'
import { addDoctorSignature } from './signature.ts'
import { checkWorkers } from './workers.ts'
import type { Finding } from './finding.ts'
import { manyLines, oneLine } from '../../terminal-text.ts'
import { plural } from '../../words.ts'
import { hanging } from '../../wrapping.ts'

export function addDoctor(program: Command, cliFor: (command: Command) => Cli): void {
  const doctor = program
    .command('doctor')
    .summary('check this machine: configuration, daemon, proxy, disk, clock, handlers, Slack and mail')
    .addHelpText(
      'before',
      'Examples:\n  ringback doctor\n  ringback doctor --json\n  ringback doctor signature ID\n',
    )
    .action(async (_options: unknown, command: Command) => {
      const cli = cliFor(command)
      let bad = 0
      for await (const finding of examine(cli)) {
        cli.signal.throwIfAborted() // what was cut off is no finding
        if (finding.state === 'bad') bad++
        if (cli.options.json === true) cli.printJson(finding)
        else cli.print(findingText(finding, cli))
      }
      if (bad > 0) throw new RingbackError('check_failed', `${plural(bad, 'check')} failed.`)
    })
  addDoctorSignature(doctor, cliFor)
}

async function* examine(cli: Cli): AsyncGenerator<Finding> {
  let config: Config
  try {
    const loaded = readConfiguration(cli)
    config = loaded.config
    const { length } = loaded.warnings
    yield {
      name: 'configuration',
      state: length > 0 ? 'doubtful' : 'good',
      detail: loaded.path,
      remedy: length > 0 ? 'See: ringback check' : '',
    }
  } catch (error) {
    if (!(error instanceof RingbackError)) throw error
    yield { name: 'configuration', state: 'bad', detail: error.message, remedy: 'See: ringback check' }
    return
  }
  const store = config.store instanceof Secret ? config.store.reveal() : config.store
  yield* checkDaemon(cli, config)
  yield* checkWorkers(config.workers, availableParallelism())
  yield* checkDisk(store, cli.clock)
  const path = configPath(cli)
  if (path === undefined) return // the trial talks to nobody outside, and its handler is inside the daemon
  yield* checkFiles(path, store)
  yield await checkClock(config, cli.clock)
  for (const url of targetUrls(config)) yield await checkTarget('handler', url, cli.clock.wall())
  yield* checkNotify(config.notify, cli.clock.wall())
}

async function* checkDaemon(cli: Cli, config: Config): AsyncGenerator<Finding> {
  const client = connect(cli)
  try {
    const { is_ready, reasons } = await client.get<HealthView>('/readyz')
    const detail = is_ready ? `ready at ${client.url}` : reasons.join('; ')
    const remedy = is_ready ? '' : 'See: ringback status'
    yield { name: 'daemon', state: is_ready ? 'good' : 'bad', detail, remedy }
    yield await checkPublicUrl(config, client)
  } catch (error) {
    if (!(error instanceof RingbackError)) throw error
    if (error.code !== 'unreachable') {
      yield { name: 'daemon', state: 'bad', detail: error.message, remedy: '' }
      return
    }
    yield {
      name: 'daemon',
      state: 'doubtful',
      detail: `not running at ${client.url}`,
      remedy: 'ringback serve',
    }
    for (const [name, listen] of [
      ['public port', config.listen],
      ['admin port', config.admin.listen],
    ] as const) {
      const isFree = await isPortFree(listen)
      yield {
        name,
        state: isFree ? 'good' : 'bad',
        detail: `${reachable(listen)} is ${isFree ? 'free' : 'taken'}`,
        remedy: isFree ? '' : 'Stop what listens there, or choose another port.',
      }
    }
  }
}

/** Every handler once; URLs differ from what is shown only by their credentials. */
function targetUrls(config: Config): readonly URL[] {
  const texts = [
    ...config.accounts.flatMap((account) => [
      account.default_callback_url,
      account.default_fallback_callback_url,
      ...account.applications.flatMap((each) => [each.callback_url, each.fallback_callback_url]),
      ...account.trunks.flatMap((each) => [each.status_callback, each.fallback_status_callback]),
    ]),
    ...config.routes.flatMap((route) => [route.target, route.fallback_target]),
  ]
  const origins = new Set(texts.flatMap((text) => (text === undefined ? [] : [new URL(text).origin])))
  return [...origins].map((origin) => new URL(origin))
}

const marks = {
  good: ['✓', 'green'],
  doubtful: ['!', 'yellow'],
  bad: ['✗', 'red'],
} as const satisfies Record<Finding['state'], readonly [string, Color]>

function findingText({ name, state, detail, remedy }: Finding, { paint, width }: Cli): string {
  const [mark, color] = marks[state]
  const lead = oneLine(name).padEnd(14)
  const [first = '', ...more] = manyLines(detail).split('\n')
  const text = hanging(`${mark} ${lead} `, first, width).replace(mark, paint(color, mark))
  const rest = remedy === '' ? [] : [hanging(`${' '.repeat(17)}→ `, oneLine(remedy), width)]
  return [text, ...more, ...rest].join('\n')
}
