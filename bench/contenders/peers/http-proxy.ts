import { Agent } from 'node:http'

import httpProxy from 'http-proxy'

// http-proxy with a kept-alive agent (without one it dials the upstream for each request).
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${process.env['BENCH_UPSTREAM_PORT']}`,
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
})
proxy.on('error', () => undefined)
proxy.listen(Number(process.env['BENCH_PORT']), '127.0.0.1')
process.on('disconnect', () => process.exit(0))
