import { expect, test } from 'vitest'

import { headerValues } from '../support/http-reader.ts'
import { request, startHttpRig } from '../support/http-rig.ts'
import { exchange, RawClient } from '../support/raw-http.ts'

// Time-outs of the public port are part of its outer behaviour, so this file has to wait for the real ones.

test(
  'who sends too slowly is answered 408 and cut off, while others are served',
  { timeout: 30_000 },
  async () => {
    await using rig = await startHttpRig()
    const slow = [
      'POST /raw/slow HTTP/1.1\r\nHost: loc',
      'POST /raw/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf',
      'POST /raw/slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe',
    ].map(async (part) => {
      await using client = await RawClient.open(rig.port)
      const answer = await client.send(part).read()
      return {
        status: answer?.status,
        closes: answer === undefined ? [] : headerValues(answer, 'connection'),
      }
    })
    const { answer } = await exchange(rig.port, request('POST /raw/quick HTTP/1.1', [], 'x'))
    expect(answer?.status).toBe(200)
    expect(await Promise.all(slow)).toEqual(slow.map(() => ({ status: 408, closes: ['close'] })))
    expect(rig.upstream.take().map(({ startLine }) => startLine)).toEqual(['POST /up/quick HTTP/1.1'])
  },
)
