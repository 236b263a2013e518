import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'

import { hashContent } from '../../../src/verify/content-hash.ts'

const body = Buffer.from('{"event":"call.completed"}')

test('the content of a POST without query is its body', () => {
  expect(hashContent({ method: 'POST', query: '', body })).toBe(
    createHash('sha256').update(body).digest('hex'),
  )
})

test('method and query are content too: no signature covers them', () => {
  const contents = [
    { method: 'POST', query: '', body },
    { method: 'POST', query: '?a=1', body },
    { method: 'GET', query: '?a=1', body },
    { method: 'GET', query: '?a=2', body },
    { method: 'GET', query: '', body },
    { method: 'GET', query: '', body: Buffer.alloc(0) },
  ]
  expect(new Set(contents.map(hashContent)).size).toBe(contents.length)
})
