import { createServer } from 'node:http'

/** What stands in for Slack in the demonstration: takes what an incoming webhook takes, on this machine. */
export interface SlackLookAlike {
  readonly url: string
  /** Texts of the messages so far, as a channel would show them. */
  readonly messages: readonly string[]
  close(): Promise<void>
}

/** Starts it on a free loopback port. */
export async function startSlackLookAlike(): Promise<SlackLookAlike> {
  const messages: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      messages.push(textOf(Buffer.concat(chunks).toString()))
      response.end('ok') // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the Slack look-alike has no port')
  return {
    url: `http://127.0.0.1:${address.port}/services/demo`,
    messages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** The words of a message: every text of its blocks, in order. */
function textOf(body: string): string {
  const texts: string[] = []
  JSON.parse(body, function (this: { type?: unknown }, key, value: unknown) {
    const isText = key === 'text' && typeof value === 'string'
    if (isText && (this.type === 'mrkdwn' || this.type === 'plain_text')) texts.push(value)
    return value
  })
  return texts.join('\n')
}
