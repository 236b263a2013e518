import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { TestCallbackResult } from '../admin/api.ts'
import type { App } from '../assembly/app-options.ts'
import { startApp } from '../app.ts'
import { RingbackError } from '../errors.ts'
import { openLog } from '../log.ts'
import { startTrialHandler, type TrialHandler } from '../trial/handler.ts'
import { demoConfig } from './demo-config.ts'
import { type SlackLookAlike, startSlackLookAlike } from './slack-look-alike.ts'

export interface DemoOptions {
  /** Without the pauses that let a person read along. */
  readonly isFast: boolean
  /** Ends the story at its next pause. */
  readonly signal: AbortSignal
  readonly version: string
  readonly nodeVersion: string
  readonly print: (text: string) => void
  /** Colours, where the terminal has them. */
  readonly paint: (color: 'red' | 'green' | 'bold' | 'dim', text: string) => string
}

const READ_MS = 6_000
const PATIENCE_MS = 15_000
const LOOK_EVERY_MS = 20

/**
 * Shows in about a minute what Ringback is for: callbacks arrive, the handler breaks, people are told, it is mended.
 * Everything is real except the handler and Slack, which are stand-ins on this machine; nothing stays behind.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-demo-'))
  const [handler, slack] = await Promise.all([startTrialHandler(), startSlackLookAlike()])
  try {
    const loaded = demoConfig({ handlerUrl: handler.url, slackUrl: slack.url, folder })
    const { version, nodeVersion } = options
    const log = openLog('error', { write: () => undefined })
    const app = await startApp({
      loaded,
      reload: undefined,
      log,
      version,
      nodeVersion,
      trial: handler,
      onOwnFailure: fail,
    })
    try {
      await tellStory(new Stage(app, options), { handler, slack })
    } catch (error) {
      if (!options.signal.aborted) throw error
    } finally {
      await app.close()
      log.close()
    }
  } finally {
    await Promise.all([handler.close(), slack.close()])
    rmSync(folder, { recursive: true, force: true })
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

/** Where the story is told, and where its callbacks come from. */
class Stage {
  readonly #app: App
  readonly #options: DemoOptions

  constructor(app: App, options: DemoOptions) {
    this.#app = app
    this.#options = options
  }

  say(text: string): void {
    this.#options.print(text)
  }

  async chapter(text: string): Promise<void> {
    this.say(`\n${this.#options.paint('bold', text)}\n`)
    await this.pause(0.5)
  }

  /** Time to read; `share` of the usual. */
  async pause(share = 1): Promise<void> {
    const { isFast, signal } = this.#options
    if (!isFast) await sleep(READ_MS * share, undefined, { signal })
  }

  /** One signed callback through the public port. */
  async send(event: string): Promise<void> {
    const response = await fetch(`http://${this.#app.adminAddress}/api/v1/test-callback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event }),
    })
    // Safe: the admin API answers with this type whenever it answers 200.
    const reply = (await response.json()) as TestCallbackResult
    const { paint } = this.#options
    const status = paint(reply.status === 200 ? 'green' : 'red', String(reply.status))
    this.say(
      `  ${event.padEnd(16)} → handler → ${status} ${paint('dim', `after ${Math.round(reply.ms)} ms`)}`,
    )
    await this.pause(0.25)
  }

  /** A message as it arrived. */
  async quote(what: string, look: () => string | undefined): Promise<void> {
    const endsAt = performance.now() + PATIENCE_MS
    for (;;) {
      const message = look()
      if (message !== undefined) return this.say(message.replaceAll(/^/gm, '  │ '))
      if (performance.now() > endsAt) {
        throw new RingbackError('check_failed', `The ${what} message did not arrive.`)
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#options.signal })
    }
  }
}
