import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Answered, signedPost } from './signed-post.ts'
import { type RunningRingback, startRingback } from './start-ringback.ts'
import { startTarget, type TargetServer } from './target-server.ts'

export const RIG_SECRET = 'whsec-account-rig-0123456789'
const PUBLIC_URL = 'https://callbacks.example.com'
const PATH = '/vobiz/MA_TEST123'

export interface AccountRigOptions {
  /** The section of the private port, as `admin: …` on one line. */
  readonly admin?: string
  /** The one of the file; empty for none. */
  readonly publicUrl?: string
  /** More top-level lines of the configuration. */
  readonly more?: string
  /** More keys of the account, each as `    key: value` on a line of its own; may ask for the handler's origin. */
  readonly account?: string | ((handler: string) => string)
  readonly env?: Readonly<Record<string, string>>
}

/** One account in front of one handler, both real; the daemon can be killed and started again on its ledger. */
export class AccountRig implements AsyncDisposable {
  readonly handler: TargetServer
  readonly folder: string
  readonly #env: Readonly<Record<string, string>>
  #ringback: RunningRingback | undefined
  #config = ''

  private constructor(handler: TargetServer, folder: string, env: Readonly<Record<string, string>>) {
    this.handler = handler
    this.folder = folder
    this.#env = env
  }

  static async start(options: AccountRigOptions = {}): Promise<AccountRig> {
    const folder = await mkdtemp(join(tmpdir(), 'ringback-rig-'))
    const env = { WEBHOOK_SECRET: RIG_SECRET, ...options.env }
    const rig = new AccountRig(await startTarget(), folder, env)
    rig.#config = rig.configText(options)
    await rig.startAgain()
    return rig
  }

  configText({
    more = '',
    account = '',
    admin = 'admin: { listen: 127.0.0.1:0 }',
    publicUrl = PUBLIC_URL,
  }: AccountRigOptions): string {
    return `${publicUrl === '' ? '' : `public_url: ${publicUrl}\n`}listen: 127.0.0.1:0
${admin}
store: sqlite:ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
accounts:
  - id: MA_TEST123
    webhook_secret: { env: WEBHOOK_SECRET }
    default_callback_url: ${this.handler.origin}/hook
${typeof account === 'string' ? account : account(this.handler.origin)}${more}`
  }

  get configPath(): string {
    return join(this.folder, 'ringback.yaml')
  }

  get ringback(): RunningRingback {
    if (this.#ringback === undefined) throw new Error('the daemon of the rig does not run')
    return this.#ringback
  }

  async startAgain(): Promise<void> {
    this.#ringback = await startRingback(this.#config, { folder: this.folder, env: this.#env })
  }

  /** One signed callback, JSON with these fields. */
  async post(
    fields: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    return this.postBody(JSON.stringify({ event: 'call.completed', ...fields }), headers)
  }

  async postBody(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return signedPost({
      dialect: 'timestamp',
      secret: RIG_SECRET,
      publicUrl: PUBLIC_URL + PATH,
      sendTo: this.ringback.publicUrl + PATH,
      body,
      headers,
    })
  }

  async get<Value>(path: string): Promise<Value> {
    const response = await fetch(this.ringback.adminUrl + path)
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ringback?.[Symbol.asyncDispose]()
    await this.handler.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
