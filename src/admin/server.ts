import { Readable } from 'node:stream'

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

import { messageOf, RingbackError } from '../errors.ts'
import { noSchemas } from '../no-schemas.ts'
import { auditEntry } from './audited.ts'
import { type Answer, type Caller, type Endpoint, JSON_TYPE } from './endpoint.ts'
import { adminEndpoints } from './endpoints.ts'
import { type AdminAccess, createGate, type Gate } from './access/gate.ts'
import { isLoopback } from './access/hosts.ts'
import type { AdminParts } from './parts.ts'
import { problem, problemOf, problemOfFramework, Refused } from './problem.ts'
import { mountPage } from './server-page.ts'

export interface AdminOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** What is in force: the same object until a reload. */
  readonly access: () => AdminAccess
  readonly version: string
  /** Folder of the built page. */
  readonly pageFolder: string
}

export interface AdminServer {
  /** Throws a RingbackError `config` when the port would be open to others without a token, or is taken. */
  listen(): Promise<void>
  /** Ends streams, finishes what is being answered. */
  close(): Promise<void>
  /** `http://host:port`, once it listens. */
  readonly address: string
}

const BODY_LIMIT_BYTES = 64 * 1024
const CLOSE_GRACE_MS = 2000

/** Why the admin port must not listen there with these tokens; undefined when it may. */
export function exposureProblem(host: string, tokens: readonly unknown[]): string | undefined {
  if (tokens.length > 0 || isLoopback(host)) return undefined
  return (
    `admin.listen: ${host} can be reached from other machines, but admin.tokens is empty. ` +
    'Configure a token, or listen on 127.0.0.1.'
  )
}

/** The private port: what it answers is in endpoints.ts, who may ask in gate.ts. */
export function createAdminServer(parts: AdminParts, options: AdminOptions): AdminServer {
  const stopping = new AbortController()
  const app = bareServer()
  const gate = createGate(options, parts.clock)
  const endpoints = adminEndpoints(parts, { ...options, gate })
  app.addHook('onRequest', (request, reply, done) => {
    protect(reply)
    gate.checkOrigin(request)
    done()
  })
  for (const each of endpoints) mount(app, each, { parts, gate, stopping: stopping.signal })
  mountPage(app, options.pageFolder)
  app.setNotFoundHandler((request) => {
    gate.callerFor(request, 'read')
    throw unknownPath(request, endpoints)
  })
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, parts))
  let address = ''
  return {
    async listen() {
      const exposure = exposureProblem(options.host, options.access().tokens)
      if (exposure !== undefined) throw new RingbackError('config', exposure)
      try {
        address = await app.listen({ host: options.host.replace(/^\[|\]$/g, ''), port: options.port })
      } catch (cause) {
        const why = messageOf(cause)
        throw new RingbackError(
          'config',
          `admin.listen: cannot listen on ${options.host}:${options.port}: ${why}`,
          {
            cause,
          },
        )
      }
    },
    async close() {
      stopping.abort()
      await closeSoon(app)
    },
    get address() {
      return address
    },
  }
}

function bareServer(): FastifyInstance {
  const app = fastify({
    ...noSchemas,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 10_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 256 },
    http: { headersTimeout: 5000, connectionsCheckingInterval: 1000, maxHeaderSize: 16_384 },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  )
  return app
}

/** Connections that become idle are closed at once, those that are not done after the grace are cut. */
async function closeSoon(app: FastifyInstance): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), 20)
  const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(cut)
  }
}

interface Mounting {
  readonly parts: AdminParts
  readonly gate: Gate
  readonly stopping: AbortSignal
}

function mount(app: FastifyInstance, each: Endpoint, { parts, gate, stopping }: Mounting): void {
  app.route({
    method: each.method,
    url: each.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    exposeHeadRoute: each.method === 'GET' && each.answer.contentType !== 'text/event-stream',
    onRequest: (request, _reply, done) => {
      if (each.role !== 'public') gate.callerFor(request, each.role)
      done()
    },
    handler: async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const answer = await each.run({
        params: request.params,
        query: request.query,
        body: request.body,
        visitor: request,
        headers: request.headers,
        signal: AbortSignal.any([gone.signal, stopping]),
      })
      const caller = gate.knownCaller(request)
      return send(reply, caller === undefined ? answer : whileLetIn(answer, gate, caller))
    },
    onResponse: (request, reply, done) => {
      const caller = each.method === 'GET' || each.isQuestion === true ? undefined : gate.knownCaller(request)
      if (caller !== undefined) {
        const told = { caller, status: reply.statusCode, at: parts.clock.wall() }
        parts.audit.add(auditEntry(each, request, told))
      }
      done()
    },
  })
}

/** What is told bit by bit ends when the token of whom it is told to does. */
function whileLetIn(answer: Answer, gate: Gate, caller: Caller): Answer {
  if (answer.kind !== 'stream') return answer
  async function* chunks(all: AsyncIterable<string | Uint8Array>) {
    for await (const chunk of all) {
      if (!gate.mayGoOn(caller)) return
      yield chunk
    }
  }
  return { ...answer, chunks: chunks(answer.chunks) }
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  switch (answer.kind) {
    case 'json':
      return reply
        .code(answer.status)
        .headers(answer.headers ?? {})
        .type(JSON_TYPE)
        .send(JSON.stringify(answer.body))
    case 'text':
      return reply
        .code(answer.status)
        .headers(answer.headers ?? {})
        .type(answer.contentType)
        .send(typeof answer.text === 'string' ? answer.text : Buffer.from(answer.text))
    case 'empty':
      return reply
        .code(204)
        .headers(answer.headers ?? {})
        .send()
    case 'stream':
      return reply
        .headers(answer.headers)
        .type(answer.contentType)
        .send(Readable.from(answer.chunks, { objectMode: false }))
  }
}

/** Answers are data for programs: nothing may frame, sniff, cache or run them. */
function protect(reply: FastifyReply): void {
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  })
}

function unknownPath(request: FastifyRequest, endpoints: readonly Endpoint[]): Refused {
  const [path = ''] = request.url.split('?')
  const methods = endpoints.filter((each) => matches(each.path, path)).map(({ method }) => method)
  if (methods.length > 0) {
    const allow = methods.join(', ')
    return new Refused(405, 'method_not_allowed', `This path knows ${allow}.`, { allow })
  }
  return new Refused(404, 'not_found', 'There is nothing here; /api/openapi.json lists what there is.')
}

function matches(template: string, path: string): boolean {
  const parts = template.split('/')
  const given = path.split('/')
  return (
    parts.length === given.length && parts.every((part, at) => part.startsWith('{') || part === given[at])
  )
}

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: AdminParts,
): FastifyReply {
  const found = problemOf(error) ?? problemOfFramework(error)
  if (found === undefined) parts.failed(error, `${request.method} ${request.routeOptions.url ?? ''}`)
  const document = found ?? problem(500, 'internal', 'Something failed that should not; the log has it.')
  if (error instanceof Refused) reply.headers(error.headers)
  return reply
    .code(document.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(document))
}
