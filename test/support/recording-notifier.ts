import { once } from 'node:events'

import { type Message, type Notifier, NotifyError } from '../../src/notify/notifier.ts'

/** Called before and after everything that reaches the disk or a channel; may throw Killed. */
export type OnStep = (step: string) => void

/** A channel that keeps what it is given, or fails as it is told. */
export class RecordingNotifier implements Notifier {
  readonly channel: string
  isForPeople = false
  readonly accepted: Message[] = []
  tries = 0
  failure: NotifyError | undefined
  /** Never answers; ends only when it is told to stop. */
  hangs = false
  onStep: OnStep = () => undefined
  /** Throws when the process is dead by now: it sends nothing any more. */
  beforeSend = (): void => undefined

  constructor(channel: string) {
    this.channel = channel
  }

  async send(message: Message, signal: AbortSignal): Promise<string> {
    await Promise.resolve()
    this.tries += 1
    if (this.hangs) {
      await once(signal, 'abort')
      throw new NotifyError('stopped', { isPermanent: false })
    }
    if (this.failure !== undefined) throw this.failure
    this.beforeSend()
    this.accepted.push(message)
    this.onStep(`after send ${this.channel}`)
    return ''
  }

  async close(): Promise<void> {}

  breaks(isPermanent = false, retryAfterMs?: number): void {
    this.failure = new NotifyError('the channel is down', { isPermanent, retryAfterMs })
  }

  mends(): void {
    this.failure = undefined
  }

  kinds(): string[] {
    return this.accepted.map(({ kind }) => kind)
  }
}
