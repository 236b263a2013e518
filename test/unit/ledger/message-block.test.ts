import { zstdCompressSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { headerTextOf } from '../../../src/callback/header-text.ts'
import type { MessageRow } from '../../../src/ledger/rows.ts'
import { MessageBlock } from '../../../src/ledger/stored/message-block.ts'
import { messageIn } from '../../../src/ledger/stored/message-reader.ts'

const full = { bodies: 'full', bodyLimit: 2 ** 20 } as const
const marks = { is_truncated: false, is_redacted: false }

test('messages come back as they went in, whatever they hold and however many there are', () => {
  const batches = [
    [''],
    ['', 'a', ''],
    ['é🙂'.repeat(40_000), 'plain', '\u2028\n[]\u0001'],
    Array.from({ length: 400 }, (_, n) => `body ${n}`),
  ]
  const messages = new MessageBlock(full)
  for (const batch of batches) {
    messages.clear()
    for (const [n, body] of batch.entries()) {
      const headers = n % 2 === 0 ? [] : ['X-Number', String(n), 'x-name', 'Jos\u00e9', 'Empty', '']
      messages.add(headerTextOf(headers), Buffer.from(body), body.length + n)
    }
    const block = messages.block()
    expect(messages.count).toBe(batch.length)
    for (const [n, body] of batch.entries()) {
      expect(block && messageIn(block, n)).toEqual({
        headers: n % 2 === 0 ? [] : ['X-Number', String(n), 'x-name', 'Jos\u00e9', 'Empty', ''],
        body,
        body_bytes: body.length + n,
        ...marks,
      })
    }
    expect(block && messageIn(block, batch.length)).toBeUndefined()
  }
})

function kept(bodies: 'full' | 'redacted' | 'none', bodyLimit: number): MessageRow | undefined {
  const messages = new MessageBlock({ bodies, bodyLimit })
  const body = Buffer.from('{"name":"Jos\u00e9","token":"canary"}')
  messages.add(headerTextOf(['Cookie', 'canary', 'Referer', 'https://h/?token=canary']), body, body.length)
  const block = messages.block()
  return block && messageIn(block, 0)
}

test('a body is kept as its policy says: cut between two bytes of a character, masked, or not at all', () => {
  const headers = ['Cookie', '•••', 'Referer', 'https://h/?token=•••']
  const masked = '{"name":"Jos\u00e9","token":"•••"}'
  expect(kept('full', 13)).toMatchObject({
    headers,
    body: '{"name":"Jos\uFFFD',
    body_bytes: 33,
    is_truncated: true,
  })
  expect(kept('redacted', 99)).toMatchObject({
    headers,
    body: masked,
    is_redacted: true,
    is_truncated: false,
  })
  expect(kept('none', 0)).toMatchObject({ headers, body: null, body_bytes: 33, is_truncated: false })
})

test('a block of the form before, one JSON text a line, is read as before', () => {
  const lines =
    '[["Host","h","Cookie","•••"],"{\\"a\\":\\"\\\\n•••\\"}",4000,3]\n[[],null,7,0]\n[["é","\u2028"],"",0,2]'
  const rows = [
    {
      headers: ['Host', 'h', 'Cookie', '•••'],
      body: '{"a":"\\n•••"}',
      body_bytes: 4000,
      is_truncated: true,
      is_redacted: true,
    },
    { headers: [], body: null, body_bytes: 7, ...marks },
    { headers: ['é', '\u2028'], body: '', body_bytes: 0, is_truncated: false, is_redacted: true },
    undefined,
  ]
  const plain = { data: Buffer.from(lines), isPacked: false }
  const packed = { data: zstdCompressSync(plain.data), isPacked: true }
  for (const [slot, row] of rows.entries()) {
    expect(messageIn(plain, slot)).toEqual(row)
    expect(messageIn(packed, slot)).toEqual(row)
  }
})

test('without messages there is no block, and a small one is not compressed', () => {
  const messages = new MessageBlock(full)
  expect(messages.block()).toBeUndefined()
  messages.add('', Buffer.from('small'), 5)
  expect(messages.block()?.isPacked).toBe(false)
  messages.add('', Buffer.from('x'.repeat(4000)), 4000)
  expect(messages.block()?.isPacked).toBe(true)
})
