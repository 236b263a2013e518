import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { App } from '../assembly/app-options.ts'
import { startApp } from '../app.ts'
import type { LoadedConfig } from '../config/load.ts'
import { openLog } from '../log.ts'
import type { FlowName } from '../sample/flows.ts'
import { startTrialHandler, type TrialHandler } from '../trial/handler.ts'
import { demoConfig, flowConfig } from './demo-config.ts'
import { startFlowHandler } from './flow-handler.ts'
import { type SlackLookAlike, startSlackLookAlike } from './slack-look-alike.ts'
import { Stage, type Telling } from './stage.ts'
import { tellFlow } from './tell-flow.ts'

export interface DemoOptions extends Telling {
  readonly version: string
  readonly nodeVersion: string
  /** Has something done when the process ends before it is done otherwise. @returns takes it back */
  readonly atExit: (work: () => void) => () => void
  /** Plays this call instead of telling the story. */
  readonly flow?: FlowName | undefined
}

/**
 * Shows in about a minute what Ringback is for: callbacks arrive, the handler breaks, people are told, it is mended.
 * Everything is real except the handler and Slack, which are stand-ins on this machine; nothing stays behind.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-demo-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const takeBack = options.atExit(remove) // also where nobody waits for the daemon to end
  try {
    await (options.flow === undefined ? runStory(options, folder) : runFlow(options, options.flow, folder))
  } catch (error) {
    if (!options.signal.aborted) throw error
  } finally {
    takeBack()
    remove()
  }
}

async function runStory(options: DemoOptions, folder: string): Promise<void> {
  const [handler, slack] = await Promise.all([startTrialHandler(), startSlackLookAlike()])
  try {
    const loaded = demoConfig({ handlerUrl: handler.url, slackUrl: slack.url, folder })
    await withApp(loaded, options, async (app) => {
      await tellStory(new Stage(app, options), { handler, slack })
    })
  } finally {
    await Promise.all([handler.close(), slack.close()])
  }
}

async function runFlow(options: DemoOptions, flow: FlowName, folder: string): Promise<void> {
  const handler = await startFlowHandler()
  try {
    const loaded = flowConfig({ handlerUrl: handler.url, flow, folder })
    await withApp(loaded, options, (app) => tellFlow(flow, app, options))
  } finally {
    await handler.close()
  }
}

/** Runs the daemon for as long as something is told of it. */
async function withApp(
  loaded: LoadedConfig,
  { version, nodeVersion }: DemoOptions,
  tell: (app: App) => Promise<void>,
): Promise<void> {
  const log = openLog('error', { write: () => undefined })
  try {
    const app = await startApp({
      loaded,
      reload: undefined,
      log,
      version,
      nodeVersion,
      trial: undefined,
      onOwnFailure: fail,
    })
    try {
      await tell(app)
    } finally {
      await app.close()
    }
  } finally {
    log.close()
  }
}

function fail(error: unknown): never {
  throw error
}

async function tellStory(
  stage: Stage,
  { handler, slack }: { readonly handler: TrialHandler; readonly slack: SlackLookAlike },
): Promise<void> {
  await stage.chapter(
    'Ringback runs between Vobiz and your handler. Callbacks arrive, signed, and are passed on byte for byte:',
  )
  await stage.send('call.initiated')
  await stage.send('call.completed')
  await stage.pause()

  await stage.chapter('Now the handler breaks: it answers 503. Vobiz keeps no log of this and tells nobody.')
  handler.setMode('broken')
  for (let n = 0; n < 3; n++) await stage.send('call.completed')
  await stage.pause()

  await stage.chapter('Three failures in a row are an alert. This is what your Slack channel gets:')
  await stage.quote('firing', () => slack.messages[0])
  await stage.pause(2)

  await stage.chapter('Somebody mends the handler. Two successes in a row end the alert:')
  handler.setMode('healthy')
  for (let n = 0; n < 2; n++) await stage.send('call.completed')
  stage.say('')
  await stage.quote('resolved', () => slack.messages[1])
  await stage.pause(2)

  await stage.chapter(
    'Whoever was told of the alert was told of its end. Every attempt stands in the ledger.',
  )
  stage.say(`What to do next:

    npm start                 the same with a sample handler, to play with
    npx ringback init         write ringback.yaml for your own handler
    npx ringback urls         the URLs to paste into Vobiz
`)
}
