import httpProxy from '@fastify/http-proxy'
import { fastify } from 'fastify'

// @fastify/http-proxy as its README shows it: no log, no checks, nothing else.
const app = fastify()
await app.register(httpProxy, { upstream: `http://127.0.0.1:${process.env['BENCH_UPSTREAM_PORT']}` })
await app.listen({ host: '127.0.0.1', port: Number(process.env['BENCH_PORT']) })
process.on('disconnect', () => process.exit(0))
