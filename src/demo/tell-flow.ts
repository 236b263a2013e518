import { setTimeout as sleep } from 'node:timers/promises'

import type { CallbackRow, CallView } from '../admin/api.ts'
import type { App } from '../assembly/app-options.ts'
import { RingbackError } from '../errors.ts'
import { newCallId } from '../sample/body.ts'
import { dial } from '../sample/dial.ts'
import type { FlowName } from '../sample/flows.ts'
import { playFlow } from '../sample/play-flow.ts'
import { flowKeys } from './demo-config.ts'
import { Stage, type Telling } from './stage.ts'

const PATIENCE_MS = 5_000
const LOOK_EVERY_MS = 20

const intros: Readonly<Record<FlowName, string>> = {
  'inbound-ivr':
    'An inbound call: the answer URL, the choice of the caller at a URL that the answer names, the end.',
  'outbound-recording':
    'An outbound call that is recorded: it rings, is answered, ends, and the file is there after it.',
  conference: 'A conference: the sound of waiting is asked for, and members leave before they came.',
  'stream-flood': 'An audio stream floods the handler with its status.',
  'sub-account': 'A call of a sub-account: signed by its own token and by that of its parent, V2 and V3.',
  retries:
    'The provider does not hear the answer and sends the same callback three times more, further and further apart.',
}

/** Plays one whole call through the daemon, and shows it as the ledger has it. */
export async function tellFlow(flow: FlowName, app: App, telling: Telling): Promise<void> {
  const stage = new Stage(app, telling)
  await stage.chapter(intros[flow])
  const callId = newCallId()
  let sent = 0
  const failed = await playFlow(flow, {
    destination: {
      account: 'SA_DEMO',
      dialect: 'v3',
      secret: flowKeys.own,
      parentSecret: flowKeys.parent,
      dialUrl: new URL(`http://${app.publicAddress}/${flow}`),
      signedUrl: new URL(`http://127.0.0.1/${flow}`),
    },
    callId,
    isOneDialect: false,
    set: {},
    backoffMs: telling.isFast ? 1 : 500,
    signal: telling.signal,
    now: Date.now,
    dial: async (url, dialling) => {
      await stage.pause(0.1)
      sent++
      return dial(url, { ...dialling, signal: telling.signal })
    },
    onReply: ({ title }, { status, ms, body }, tries) => {
      const again = tries === 1 ? '' : `, try ${tries}`
      const shown = telling.paint(status === 200 ? 'green' : 'red', String(status))
      stage.say(
        `  ${(title + again).padEnd(32)} → ${shown} ${telling.paint('dim', `after ${Math.round(ms)} ms  ${body}`)}`,
      )
    },
    onStranger: (origin) => stage.say(`  the answer goes on at ${origin}`),
  })
  await stage.pause()
  await stage.chapter('The call as the ledger has it, every step under its id:')
  for (const row of await callbacksOf(app, callId, sent)) stage.say(`  ${lineOf(row)}`)
  stage.say(`
Play it against your own handler, without Ringback:

    npx ringback send --flow ${flow} --to http://localhost:3000/answer --key-env VOBIZ_AUTH_TOKEN
`)
  if (failed > 0) throw new RingbackError('check_failed', `${failed} callbacks were not answered with 200.`)
}

/** Rows may be a moment behind the answers: waits until all callbacks that were sent are there and settled. */
async function callbacksOf(app: App, callId: string, sent: number): Promise<readonly CallbackRow[]> {
  const endsAt = performance.now() + PATIENCE_MS
  for (;;) {
    const response = await fetch(`http://${app.adminAddress}/api/v1/calls/${callId}`)
    // Safe: the admin API answers with this type whenever it answers 200.
    const callbacks = response.ok ? ((await response.json()) as CallView).callbacks : []
    const isWhole = callbacks.length >= sent && callbacks.every(({ result }) => result !== 'pending')
    if (isWhole || performance.now() > endsAt) return callbacks
    await sleep(LOOK_EVERY_MS)
  }
}

function lineOf({ event, path, kind, result, answer_status, duplicate_of }: CallbackRow): string {
  const what = duplicate_of === '' ? result : `${result}, a repeat`
  return `${event.padEnd(24)} ${path.slice(0, 24).padEnd(24)} ${kind.padEnd(6)} ${what}, told ${answer_status}`
}
