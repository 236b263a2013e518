import { describe, expect, it } from 'vitest'

import { type Message, type Notifier, NotifyError } from '../../src/notify/notifier.ts'

/** One way the far side can treat a message, and what the channel must make of it. */
export interface Fault {
  readonly name: string
  readonly isPermanent: boolean
  readonly retryAfterMs?: number
}

/** A channel in front of its far side. */
export interface ChannelUnderTest extends AsyncDisposable {
  readonly notifier: Notifier
  /** Texts that must never stand in an error. */
  readonly secrets: readonly string[]
  /** Messages that the far side accepted. */
  accepted(): number
  /** Makes the far side behave; the name of a fault, or `ok`. */
  behave(fault: string): void
}

export const message: Message = {
  id: '01KINCIDENT000000000000001.firing',
  incidentId: '01KINCIDENT000000000000001',
  kind: 'firing',
  severity: 'critical',
  subject: '[FIRING] calls primary: 3 failures in a row (HTTP 500)',
  text: 'Callbacks are failing: calls primary\n',
  html: '<!doctype html><p>Callbacks are failing: calls primary</p>',
  slack: { text: 'Callbacks are failing', attachments: [{ color: '#D63232', fallback: 'x', blocks: [] }] },
  incident: {
    id: '01KINCIDENT000000000000001',
    rule: 'consecutive_failures',
    route: 'calls',
    target: 'primary',
    severity: 'critical',
    reason: '3 failures in a row',
    since: Date.UTC(2026, 10, 23, 15, 24, 5),
    opened_at: Date.UTC(2026, 10, 23, 15, 24, 9),
    closed_at: null,
    callbacks: 3,
    is_drill: false,
    places: [{ route: 'calls', target: 'primary' }],
    link: 'https://ringback.example.com/incidents/01KINCIDENT000000000000001',
  },
}

/** What the outbox relies on, for every channel. */
export function notifierContract(
  name: string,
  open: () => Promise<ChannelUnderTest>,
  faults: readonly Fault[],
): void {
  const never = new AbortController().signal

  describe(`the ${name} channel`, () => {
    it('resolves once the far side accepted the message, without a remark', async () => {
      await using under = await open()
      expect(await under.notifier.send(message, never)).toBe('')
      expect(under.accepted()).toBe(1)
    })

    it.each(faults)(
      'says of $name whether trying again helps',
      async ({ name, isPermanent, retryAfterMs }) => {
        await using under = await open()
        under.behave(name)
        const error: unknown = await under.notifier.send(message, never).catch((error: unknown) => error)
        expect(error).toBeInstanceOf(NotifyError)
        expect(error).toMatchObject({ isPermanent, retryAfterMs })
        expect(under.accepted()).toBe(0)
        const shown = errorTexts(error)
        for (const secret of under.secrets) expect(shown).not.toContain(secret)
      },
    )

    it('delivers after a fault is over', async () => {
      await using under = await open()
      under.behave(faults[0]?.name ?? 'ok')
      await expect(under.notifier.send(message, never)).rejects.toThrow(NotifyError)
      under.behave('ok')
      await under.notifier.send(message, never)
      expect(under.accepted()).toBe(1)
    })

    it('stops at once when it is told to', async () => {
      await using under = await open()
      under.behave('hang')
      const stop = new AbortController()
      const sending = under.notifier.send(message, stop.signal)
      stop.abort()
      await expect(sending).rejects.toThrow(NotifyError)
    })
  })
}

/** Everything of an error that a log line could show. */
function errorTexts(error: unknown): string {
  let texts = ''
  for (let at = error; at instanceof Error; at = at.cause) {
    texts += `${String(at)}\n${at.stack ?? ''}\n${JSON.stringify(at)}\n`
  }
  return texts
}
