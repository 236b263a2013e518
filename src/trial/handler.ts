import { createServer } from 'node:http'

/** How the sample handler behaves. */
type TrialMode = 'healthy' | 'broken'

/** The handler of the trial configuration: a stand-in for the handler that a newcomer has not connected yet. */
export interface TrialHandler {
  readonly url: string
  mode(): TrialMode
  /** A broken handler answers 503 to everything. */
  setMode(mode: TrialMode): void
  close(): Promise<void>
}

const XML =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Speak>Hello from the sample handler.</Speak></Response>\n'

/** Starts the sample handler on a free loopback port: XML for a call that was answered, JSON for everything else. */
export async function startTrialHandler(): Promise<TrialHandler> {
  let mode: TrialMode = 'healthy'
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (mode === 'broken') {
        response
          .writeHead(503, { 'Content-Type': 'application/json' })
          .end('{"error":"the sample handler is broken on purpose"}')
      } else if (wantsXml(Buffer.concat(chunks).toString('latin1'))) {
        response.writeHead(200, { 'Content-Type': 'application/xml' }).end(XML)
      } else {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"received"}')
      }
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the sample handler has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    mode: () => mode,
    setMode(next) {
      mode = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

function wantsXml(body: string): boolean {
  return (
    /(^|&)Event=(StartApp|Redirect|Transfer)(&|$)/.test(body) ||
    /"Event":"(StartApp|Redirect|Transfer)"/.test(body)
  )
}
