import { connect, createServer } from 'node:net'

// The least that Node can do between two sockets: bytes are copied, nothing is read, a connection each to the upstream.
const upstream = { host: '127.0.0.1', port: Number(process.env['BENCH_UPSTREAM_PORT']), noDelay: true }
const server = createServer({ noDelay: true }, (client) => {
  const handler = connect(upstream)
  client.on('data', (bytes) => handler.write(bytes))
  handler.on('data', (bytes) => client.write(bytes))
  client.on('error', () => undefined) // 'close' follows
  handler.on('error', () => undefined)
  client.on('close', () => handler.destroy())
  handler.on('close', () => client.destroy())
})
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1')
process.on('disconnect', () => process.exit(0))
