import { setTimeout as sleep } from 'node:timers/promises'

import type { Command } from 'commander'

import type { ReplayItem, ReplayRequest, ReplayView } from '../../admin/api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { type AdminClient, connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { agoText, plural, timeText } from '../words.ts'

const POLL_MS = 300
const BAR_WIDTH = 30

interface ReplayOptions {
  readonly incident?: string
  readonly route?: string
  readonly event?: string
  readonly call?: string
  readonly result?: string
  readonly since?: string
  readonly until?: string
  readonly includeDelivered?: boolean
  readonly dryRun?: boolean
  readonly rate?: string
  readonly abortAfter?: string
  readonly reason?: string
}

export function addReplay(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('replay')
    .summary('bring callbacks to their handlers once more')
    .argument('[ids...]', 'ids of callbacks')
    .option('--incident <id>', 'the callbacks that an incident hurt')
    .option('--route <id>', 'of this route')
    .option('--event <name>', 'this event, long or short')
    .option('--call <id>', 'of this call')
    .option('--result <result>', 'by what became of them: dead, failed, …')
    .option('--since <time>', 'from then on: 2h (ago), or 2026-11-23T14:02')
    .option('--until <time>', 'before then')
    .option('--include-delivered', 'also what a handler has taken already')
    .option('--dry-run', 'only say what would happen')
    .option('--rate <count>', 'attempts a second, at most (20)')
    .option(
      '--abort-after <count>',
      'failures after which the rest is left alone (3; the first one must not fail)',
    )
    .option('--reason <text>', 'kept with the replay')
    .addHelpText(
      'before',
      'Examples:\n  ringback replay --incident INCIDENT --dry-run\n  ringback replay --result dead --route ivr\n  ringback replay ID ID\n',
    )
    .action(async (ids: string[], options: ReplayOptions, command: Command) => {
      await replay(cliFor(command), ids, options)
    })
}

async function replay(cli: Cli, ids: readonly string[], options: ReplayOptions): Promise<void> {
  const client = connect(cli)
  const first = await client.post<ReplayView>('/api/v1/replays', requestOf(ids, options))
  const view = first.state === 'planned' ? first : await follow(cli, client, first)
  if (cli.options.json === true) cli.printJson(view)
  else show(cli, view)
  if (
    view.state !== 'planned' &&
    ((view.counts['failed'] ?? 0) > 0 || view.state === 'aborted' || view.state === 'interrupted')
  ) {
    throw new RingbackError(
      'handler_failed',
      'Not every callback was taken; what failed can be replayed again.',
    )
  }
  if (ids.length > 0 && (view.counts['not_known'] ?? 0) > 0) throw unknownCallbacks(view)
}

function unknownCallbacks({ items, counts }: ReplayView): RingbackError {
  const ids = items.filter(({ state }) => state === 'not_known').map(({ id }) => oneLine(id, 64))
  // Of a very long list only the beginning is shown.
  const named = ids.length > 0 ? ids.join(', ') : plural(counts['not_known'] ?? 0, 'id')
  return new RingbackError('not_found', `No callback: ${named}.`)
}

function requestOf(ids: readonly string[], options: ReplayOptions): ReplayRequest {
  const { call, includeDelivered, dryRun, rate, abortAfter, ...rest } = options
  return {
    ...rest,
    ...(ids.length === 0 ? {} : { ids }),
    call_id: call,
    include_delivered: includeDelivered,
    dry_run: dryRun,
    rate: numberOf(rate, '--rate'),
    abort_after: numberOf(abortAfter, '--abort-after'),
  }
}

function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new RingbackError('usage', `${option}: must be a whole number above 0.`)
}

/** Until it has ended; Ctrl-C cancels it. */
async function follow(cli: Cli, client: AdminClient, first: ReplayView): Promise<ReplayView> {
  const path = `/api/v1/replays/${encodeURIComponent(first.id)}`
  let view = first
  while (view.state === 'running') {
    cli.progress(bar(view))
    await sleep(POLL_MS, undefined, { signal: cli.signal }).catch(() => undefined)
    if (cli.signal.aborted) return client.cancel<ReplayView>(path)
    view = await client.get<ReplayView>(path)
  }
  cli.progress('')
  return view
}

function bar({ counts, total }: ReplayView): string {
  const left = counts['left'] ?? 0
  const share = total === 0 ? 1 : (total - left) / total
  const full = Math.round(share * BAR_WIDTH)
  const failed = counts['failed'] ?? 0
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${total - left} of ${total}${failed > 0 ? `, ${failed} failed` : ''}`
}

function show(cli: Cli, view: ReplayView): void {
  const now = cli.clock.wall()
  const isPlan = view.state === 'planned'
  if (isPlan) cli.tell('Nothing was sent. This is what would happen:')
  else cli.tell(oneLine(`Replay ${view.id} is ${view.state}.`))
  cli.print(table(countColumns(isPlan), Object.entries(view.counts), cli))
  if (view.oldest_at !== null) {
    cli.tell(`To be sent: from ${agoText(view.oldest_at, now)} to ${agoText(view.newest_at, now)}.`)
  }
  const failed = view.items.filter(({ state }) => state === 'failed')
  if (failed.length > 0) cli.print(table(itemColumns, failed, cli))
  cli.tell(`${plural(view.total, 'callback')} in all, each in exactly one of these states.`)
}

const meanings: Readonly<Record<string, string>> = {
  left: 'not sent',
  sending: 'is being sent',
  unknown: 'Ringback ended while it was sent; the handler may or may not have taken it',
  delivered: 'the handler took it',
  failed: 'the handler did not take it',
  already_delivered: 'a handler has taken it before; --include-delivered sends it again',
  waits_for_rescue: 'waits, and is delivered in its order anyway',
  under_way: 'is being delivered right now',
  call_has_ended: 'its answer drives a call, and that call is over',
  bytes_not_kept: 'its bytes are not kept any more (ledger.bodies)',
  no_route: 'no route takes it any more',
  not_let_in: 'was refused at the door',
  not_wanted: 'its route does not want this event',
  repeats_another: 'is a repeat by the provider of another one',
  not_known: 'is not in the ledger',
}

function countColumns(isPlan: boolean): readonly Column<[string, number]>[] {
  return [
    { head: 'CALLBACKS', isRight: true, cell: ([, count]) => String(count) },
    { head: 'STATE', cell: ([state]) => (isPlan && state === 'left' ? 'to be sent' : state) },
    {
      head: 'MEANING',
      isText: true,
      cell: ([state]) => (isPlan && state === 'left' ? 'would be sent now' : (meanings[state] ?? '')),
    },
  ]
}

const itemColumns: readonly Column<ReplayItem>[] = [
  { head: 'ARRIVED (UTC)', rank: 2, cell: (item) => timeText(item.received_at) },
  { head: 'ID', cell: (item) => oneLine(item.id, 26) },
  { head: 'EVENT', rank: 3, cell: (item) => oneLine(item.event, 24) },
  { head: 'CALL', rank: 4, cell: (item) => oneLine(item.call_id, 36) },
  { head: 'OUTCOME', cell: (item) => oneLine(item.outcome, 20) },
]
