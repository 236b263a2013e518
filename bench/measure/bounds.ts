import { setTimeout as sleep } from 'node:timers/promises'

import { Crowd } from '../../test/support/crowd.ts'
import { ringback } from '../contenders/ringback.ts'
import type { Window } from '../load/protocol.ts'
import type { Options } from '../options.ts'
import { residentMiB } from './proc.ts'
import { ask } from './processes.ts'
import { load } from './rounds.ts'
import { type Scene, scenesOf } from './scenes.ts'
import { setStage, type StageFacts } from './stage.ts'

/** What one scene showed. */
export interface Bound {
  readonly scene: string
  readonly does: string
  /** What the normal callbacks felt, and were told. */
  readonly window: Window
  /** What the others were told, how many of each; undefined where there were none. */
  readonly told: Readonly<Partial<Record<string, number>>> | undefined
  readonly rssMiB: { readonly before: number; readonly peak: number; readonly after: number }
}

/** Requests signed ahead for a second at saturation. */
const AT_MOST = 20_000
const WARM_UP_SECONDS = 3
const LOOK_EVERY_MS = 50
/** After the load, until memory is looked at again. */
const REST_MS = 3_000

/** Plays the scenes that are wanted, one after the other. */
export async function bounds(
  options: Options,
  facts: StageFacts,
  onEnd: (bound: Bound) => void,
): Promise<Bound[]> {
  const found: Bound[] = []
  for (const scene of scenesOf(options.crowd)) {
    if (options.only.length > 0 && !options.only.includes(scene.name)) continue
    const bound = await play(scene, options, facts)
    found.push(bound)
    onEnd(bound)
  }
  return found
}

/** On a daemon of its own: memory that one scene needed is not seen in the next. */
async function play(scene: Scene, options: Options, facts: StageFacts): Promise<Bound> {
  const { name, does, crowd: members, isOutage = false } = scene
  const settings = { durability: 'full', hasUnsigned: true } as const
  const { generator, upstream, ready } = await setStage([ringback({ name, does, settings })], facts)
  const [daemon] = ready
  const pid = daemon?.child?.pid
  if (daemon === undefined || pid === undefined) throw new Error('Ringback did not start')
  const send = (rate: number, seconds: number): Promise<Window> =>
    load({ generator, options }, daemon, { rate, seconds, perSecond: rate === 0 ? AT_MOST : rate })
  const [rate = 0] = options.rates

  await send(rate, WARM_UP_SECONDS)
  const before = residentMiB(pid).now
  const looks: number[] = []
  const looking = setInterval(() => looks.push(residentMiB(pid).now), LOOK_EVERY_MS)
  if (isOutage) await ask(upstream, { broken: ['/webhooks/vobiz'] })
  const sending = send(isOutage ? 0 : rate, options.seconds)
  await sleep(1_000)
  const crowd = members && (await Crowd.open({ port: daemon.port, ...members }))
  const window = await sending
  const told = crowd?.told()
  crowd?.[Symbol.dispose]()
  await sleep(REST_MS)
  clearInterval(looking)
  const after = residentMiB(pid).now
  await facts.processes.stopAll()
  return { scene: name, does, window, told, rssMiB: { before, peak: Math.max(...looks), after } }
}
