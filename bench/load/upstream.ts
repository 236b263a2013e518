import { createServer, type Socket } from 'node:net'

import { measureMessage } from './http-message.ts'

// The handler behind every proxy: reads whole requests, answers each at once, counts. Written straight on
// sockets, so that it costs as little as Node allows and is not what the bench measures.
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{"status":"received"}',
)
let answered = 0

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
      socket.write(ANSWER)
      bytes = bytes.subarray(message.length)
    }
    partial = bytes.length === 0 ? undefined : bytes
  })
}

const server = createServer(serve)
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1', 4096)
process.on('message', () => process.send?.({ answered }))
process.on('disconnect', () => process.exit(0))
