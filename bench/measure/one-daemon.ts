import type { ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'

import { ringback, type RingbackVariant } from '../contenders/ringback.ts'
import type { Window } from '../load/protocol.ts'
import { describeMachine, machineSentence } from './machine.ts'
import { ask } from './processes.ts'
import type { Ready } from './rounds.ts'
import { setStage } from './stage.ts'
import { openWorkplace } from './workplace.ts'

const CONNECTIONS = 64
const ROUTES = 20

/** One daemon with a handler behind it and a generator before it. */
export interface OneDaemon {
  readonly daemon: Ready
  /** Where the private port is. */
  readonly adminUrl: string
  /** Callbacks at a fixed rate, all of them signed ahead; each is timed from when it was due. */
  readonly send: (rate: number, seconds: number) => Promise<Window>
}

/**
 * Starts Ringback, compiled, everything on, and says on what machine. Everything ends with this process.
 * @param settings `ledger`: a file that is there already; it is written to
 */
export async function startOneDaemon(
  settings: Pick<RingbackVariant, 'ledger'> & { readonly durability: 'full' | 'background' },
): Promise<OneDaemon> {
  const { folder, processes } = openWorkplace(tmpdir(), 'bench')
  // The kernel may put threads where it likes, as where Ringback is at home.
  const machine = describeMachine(folder, 'off')
  console.log(machineSentence(machine))
  const variant = ringback({
    name: 'ringback',
    does: '',
    settings: { durability: settings.durability, routes: ROUTES },
    ...(settings.ledger === undefined ? {} : { ledger: resolve(settings.ledger) }),
  })
  const { generator, ready } = await setStage([variant], { machine, folder, processes })
  const [daemon] = ready
  if (daemon === undefined) throw new Error('Ringback did not start')
  return {
    daemon,
    adminUrl: `http://127.0.0.1:${daemon.adminPort}`,
    send: async (rate, seconds) => sendPaced(generator, daemon, { rate, seconds }),
  }
}

async function sendPaced(
  generator: ChildProcess,
  { port, routes }: Ready,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Window> {
  await ask(generator, { do: 'prepare', count: Math.ceil(rate * seconds) + 1000, routes })
  const run = { do: 'run', port, connections: CONNECTIONS, seconds, rate }
  return (await ask<{ window: Window }>(generator, run)).window
}
