import { describe, expect, it } from 'vitest'

import { createEmail, type EmailOptions } from '../../../src/notify/channels/email.ts'
import { isMailbox } from '../../../src/notify/channels/email-address.ts'
import { NotifyError } from '../../../src/notify/notifier.ts'
import { message } from '../../contract/notifier.ts'
import { SmtpSink } from '../../support/smtp-sink.ts'

const never = new AbortController().signal

function emailTo(sink: { url: string }, over: Partial<EmailOptions> = {}) {
  return createEmail({
    smtpUrl: sink.url,
    from: 'ringback@example.com',
    to: ['ops@example.com', 'dev@example.com'],
    requireTls: false,
    ca: undefined,
    resolveHost: (host) => Promise.resolve(host),
    ...over,
  })
}

describe('e-mail', () => {
  it('carries text and HTML, and says that it was made by a machine', async () => {
    await using sink = await SmtpSink.start()
    await emailTo(sink).send(message, never)
    const [mail] = sink.messages
    expect(mail).toMatchObject({ subject: message.subject, text: message.text })
    expect(mail!.html).toContain('<p>Callbacks are failing: calls primary</p>')
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail!.recipients).toEqual(['ops@example.com', 'dev@example.com'])
  })

  it('keeps firing, reminder and resolve in one thread, and gives a repeat the same id', async () => {
    await using sink = await SmtpSink.start()
    const email = emailTo(sink)
    await email.send(message, never)
    await email.send(message, never)
    await email.send({ ...message, id: 'X.reminder-1', kind: 'reminder' }, never)
    await email.send({ ...message, id: 'X.resolved', kind: 'resolved' }, never)
    const root = `<${message.incidentId}@example.com>`
    expect(sink.messages.map(({ messageId }) => messageId)).toEqual([
      root,
      root,
      '<X.reminder-1@example.com>',
      '<X.resolved@example.com>',
    ])
    expect(sink.messages.map(({ inReplyTo }) => inReplyTo)).toEqual([undefined, undefined, root, root])
    expect(sink.messages.at(-1)?.references).toBe(root)
  })

  it('remarks on a recipient that was refused while another one got it', async () => {
    await using sink = await SmtpSink.start()
    sink.behave({ refuse: 'dev@example.com' })
    expect(await emailTo(sink).send(message, never)).toBe('1 of 2 recipients were refused')
    expect(sink.messages.map(({ recipients }) => recipients)).toEqual([['ops@example.com']])
  })

  it('tries again only those recipients that were deferred', async () => {
    await using sink = await SmtpSink.start()
    const email = emailTo(sink)
    sink.behave({ defer: 'dev@example.com' })
    await expect(email.send(message, never)).rejects.toThrow('1 of 2 recipients were refused for now')
    sink.behave('accept')
    expect(await email.send(message, never)).toBe('')
    expect(sink.messages.map(({ recipients }) => recipients)).toEqual([
      ['ops@example.com'],
      ['dev@example.com'],
    ])
  })

  it('dials the address that was checked, and nothing when it was refused', async () => {
    await using sink = await SmtpSink.start()
    const asked: string[] = []
    const url = sink.url.replace('127.0.0.1', 'mail.example.com')
    const resolveHost = (host: string) => {
      asked.push(host)
      return Promise.resolve('127.0.0.1')
    }
    await emailTo({ url }, { resolveHost }).send(message, never)
    expect(asked).toEqual(['mail.example.com'])
    expect(sink.messages).toHaveLength(1)
    const refused = emailTo({ url }, { resolveHost: () => Promise.reject(new Error('10.0.0.1 is private')) })
    await expect(refused.send(message, never)).rejects.toThrow(NotifyError)
    expect(sink.messages).toHaveLength(1)
  })

  it('sends nothing over an unencrypted connection when TLS is required', async () => {
    await using sink = await SmtpSink.start()
    await expect(emailTo(sink, { requireTls: true }).send(message, never)).rejects.toThrow(NotifyError)
    expect(sink.messages).toEqual([])
  })

  it('lets no line end of a subject become a header', async () => {
    await using sink = await SmtpSink.start()
    const subject = 'calls\r\nBcc: evil@example.org\r\n\r\nhello'
    await emailTo(sink).send({ ...message, subject }, never)
    expect(sink.messages[0]?.headers.has('bcc')).toBe(false)
    expect(sink.messages[0]?.recipients).not.toContain('evil@example.org')
  })

  it.each([
    'x@y.z\r\nRCPT TO:<evil@x.y>',
    'a@b.c, evil@x.y',
    'Ops <ops@example.com>',
    'ops@',
    '@example.com',
    'ops@-example.com',
    'ops@example..com',
    'ops example@example.com',
    '"a b"@example.com',
  ])('refuses %j as an address at once', (address) => {
    expect(isMailbox(address)).toBe(false)
    expect(() => emailTo({ url: 'smtp://127.0.0.1:1' }, { to: [address] })).toThrow(NotifyError)
  })

  it.each(['http://mail.example.com', 'mail.example.com:25', ''])('refuses %j as a server', (url) => {
    expect(() => emailTo({ url })).toThrow('smtp_url is not of the form')
  })
})
