import { randomInt } from 'node:crypto'

import { request } from 'undici'

import { sign } from '../../src/verify/signing/sign.ts'
import type { Dialect } from '../../src/verify/verifier.ts'

export interface SignedPost {
  readonly dialect: Dialect
  readonly secret: string
  /** What the provider is told to dial; signatures over the URL cover it. */
  readonly publicUrl: string
  /** Where the request is really sent. */
  readonly sendTo: string
  readonly body: string | Buffer
  readonly contentType?: string
  readonly nowSeconds?: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly contentType: string
  readonly text: string
  readonly ms: number
}

/** Sends one callback as the provider would. */
export async function signedPost(post: SignedPost): Promise<Answered> {
  const body = Buffer.from(post.body)
  const signature = sign(post.dialect, {
    secret: post.secret,
    baseUrl: post.publicUrl.split('?')[0] ?? '',
    body,
    nowSeconds: post.nowSeconds ?? Math.floor(Date.now() / 1000),
    nonce: Array.from({ length: 20 }, () => randomInt(10)).join(''),
  })
  return plainPost(post.sendTo, body, {
    'content-type': post.contentType ?? 'application/json',
    ...signature,
    ...post.headers,
  })
}

/** Not by fetch, which takes several times the work: some tests send thousands. */
export async function plainPost(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<Answered> {
  const startedAt = performance.now()
  const response = await request(url, { method: 'POST', body, headers })
  const text = await response.body.text()
  return {
    status: response.statusCode,
    contentType: String(response.headers['content-type'] ?? ''),
    text,
    ms: performance.now() - startedAt,
  }
}
