import { createServer } from 'node:http'

/** A handler in the way of the official samples, for every flow: XML with URLs of its own, relative and absolute. */
export interface FlowHandler {
  readonly url: string
  /** `HOST:PORT` of its URLs. */
  readonly host: string
  close(): Promise<void>
}

/** What it answers, by path and event; everything else is only taken note of. */
function answerOf(path: string, event: string, origin: string): string {
  switch (`${path} ${event}`) {
    case '/inbound-ivr ':
      return '<Gather action="/menu" numDigits="1"><Speak>Press 1 for support.</Speak></Gather>'
    case '/menu ':
      return '<Speak>Thank you, goodbye.</Speak><Hangup/>'
    case '/outbound-recording StartApp':
      return `<Record action="/recorded" callbackUrl="${origin}/recording" maxLength="60"/>`
    case '/conference StartApp':
      return `<Conference waitSound="${origin}/music" callbackUrl="${origin}/room">support</Conference>`
    case '/music ConferenceRemoteSounds':
      return '<Speak>You are the first one here.</Speak><Wait length="5"/>'
    case '/stream-flood StartApp':
      return `<Stream statusCallbackUrl="${origin}/stream-events">wss://bot.example.com/audio</Stream>`
    case '/sub-account StartApp':
      return '<Speak>Hello from the sub-account.</Speak>'
    default:
      return ''
  }
}

/** Starts it on a free loopback port; each flow has its own path. */
export async function startFlowHandler(): Promise<FlowHandler> {
  let origin = ''
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname } = new URL(request.url ?? '/', origin)
      const event = new URLSearchParams(Buffer.concat(chunks).toString()).get('Event') ?? ''
      response
        .writeHead(200, { 'Content-Type': 'application/xml' })
        .end(`<Response>${answerOf(pathname, event, origin)}</Response>`)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the handler has no port')
  origin = `http://127.0.0.1:${address.port}`
  return {
    url: `${origin}/`,
    host: `127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
