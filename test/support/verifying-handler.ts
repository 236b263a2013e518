import { createHmac, timingSafeEqual } from 'node:crypto'

import type { SeenRequest } from './target-server.ts'

/** How a handler learns what URL it was called by. */
export type Rebuild = 'own host' | 'forwarded' | 'configured'
/** The official samples, each of which cuts the query off in its own way. */
export type Sample = 'node' | 'python' | 'go' | 'ruby'

export interface VerifyingHandler {
  readonly sample: Sample
  readonly rebuild: Rebuild
  readonly token: string
  /** Of a handler with `rebuild: 'configured'`: scheme and host that were written down for it. */
  readonly base?: string
  /** Also wants the signature by the parent's token. */
  readonly parentToken?: string
}

/** What a handler that was written after one of the official samples would answer: 200, or 403 for a bad signature. */
export function answerOf(handler: VerifyingHandler, request: SeenRequest): number {
  const base = baseOf(handler.sample, urlOf(handler, request))
  const v3 = isSigned(request, 'v3', base, handler.token)
  const v2 = isSigned(request, 'v2', base, handler.token)
  const ma = handler.parentToken === undefined || isSigned(request, 'ma-v3', base, handler.parentToken)
  return v3 && v2 && ma ? 200 : 403
}

function urlOf({ rebuild, base = '' }: VerifyingHandler, request: SeenRequest): string {
  switch (rebuild) {
    case 'own host':
      return `http://${request.header('host') ?? ''}${request.target}`
    case 'forwarded': {
      const proto = request.header('x-forwarded-proto') ?? 'http'
      return `${proto}://${request.header('x-forwarded-host') ?? ''}${request.target}`
    }
    case 'configured':
      return base + request.target
  }
}

function baseOf(sample: Sample, url: string): string {
  const parsed = new URL(url)
  const [, scheme = '', authority = '', path = ''] = /^(\w+):\/\/([^/?#]*)([^?#]*)/.exec(url) ?? []
  switch (sample) {
    case 'node': // protocol + host + pathname: no userinfo, no default port
      return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
    case 'python': // scheme + netloc + path, as written
      return `${scheme}://${authority}${path}`
    case 'go': // the percent-decoded path
      return `${scheme}://${authority}${decodeURIComponent(path)}`
    case 'ruby': // host without any port
      return `${scheme}://${parsed.hostname}${path}`
  }
}

function isSigned(
  request: SeenRequest,
  dialect: 'v2' | 'v3' | 'ma-v3',
  base: string,
  token: string,
): boolean {
  const nonce = request.header(`x-vobiz-signature-${dialect.replace('ma-', '')}-nonce`) ?? ''
  const text = dialect === 'v2' ? base + nonce : `${base}.${nonce}`
  const expected = createHmac('sha256', token).update(text).digest()
  const given = Buffer.from(request.header(`x-vobiz-signature-${dialect}`) ?? '', 'base64')
  return /^\d{20}$/.test(nonce) && given.length === 32 && timingSafeEqual(given, expected)
}
