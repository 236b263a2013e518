import { gunzipSync } from 'node:zlib'

import type { FastifyInstance } from 'fastify'

import { NOT_BUILT, PAGE_POLICY, pageLink, readPageFiles, searchLink } from './page-files.ts'

/** The page itself holds no data and needs no token: it asks the API, which does. */
export function mountPage(app: FastifyInstance, folder: string): void {
  const files = readPageFiles(folder)
  for (const [path, { contentType, bytes, isGzipped, isImmutable }] of files) {
    app.get(path, { exposeHeadRoute: true }, (request, reply) => {
      const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      void reply.headers({
        'content-security-policy': PAGE_POLICY,
        'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-store',
        'cross-origin-opener-policy': 'same-origin',
        vary: 'accept-encoding',
        ...(isGzipped && takesGzip ? { 'content-encoding': 'gzip' } : {}),
      })
      return reply.type(contentType).send(isGzipped && !takesGzip ? gunzipSync(bytes) : bytes)
    })
  }
  if (!files.has('/')) {
    app.get('/', (_request, reply) => reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT))
  }
  for (const path of ['/callbacks/:id', '/calls/:id', '/incidents/:id']) {
    app.get(path, (request, reply) => reply.redirect(pageLink(request.url.split('?')[0] ?? '') ?? '../'))
  }
  app.get('/callbacks', (request, reply) => reply.redirect(searchLink(request.url.split('?')[1] ?? '')))
}
