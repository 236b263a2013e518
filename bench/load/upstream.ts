import { createServer, type Socket } from 'node:net'

import { measureMessage } from './http-message.ts'

// The handler behind every proxy: reads whole requests, answers each at once, counts. Written straight on
// sockets, so that it costs as little as Node allows and is not what the bench measures.
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{"status":"received"}',
)
const FAILURE = Buffer.from('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n')
/** Which failure of a path is noted: with the default settings it is the one that fires. */
const NOTED = 3
let answered = 0
/** Paths that fail at present. */
let broken: ReadonlySet<string> = new Set()
/** Failures by path, and when the noted one was sent: milliseconds since the epoch. */
const failures = new Map<string, number>()
const noted: Record<string, number> = {}

function serve(socket: Socket): void {
  let partial: Buffer | undefined
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    let bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk])
    for (;;) {
      const message = measureMessage(bytes)
      if (message === undefined || message.length > bytes.length) break
      answered++
      socket.write(broken.size > 0 && fails(bytes) ? FAILURE : ANSWER)
      bytes = bytes.subarray(message.length)
    }
    partial = bytes.length === 0 ? undefined : bytes
  })
}

function fails(request: Buffer): boolean {
  const from = request.indexOf(' ') + 1
  const path = request.toString('latin1', from, request.indexOf(' ', from))
  if (!broken.has(path)) return false
  const count = (failures.get(path) ?? 0) + 1
  failures.set(path, count)
  if (count === NOTED) noted[path] = performance.timeOrigin + performance.now()
  return true
}

const server = createServer(serve)
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1', 4096)
process.on('message', (command: { readonly broken?: readonly string[] }) => {
  if (command.broken !== undefined) broken = new Set(command.broken)
  process.send?.({ answered, noted })
})
process.on('disconnect', () => process.exit(0))
