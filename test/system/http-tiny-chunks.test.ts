import { beforeAll, expect, test } from 'vitest'

import { type HttpRig, startHttpRig } from '../support/http-rig.ts'
import { RawClient } from '../support/raw-http.ts'

let rig: HttpRig
beforeAll(async () => {
  rig = await startHttpRig()
  return async () => rig[Symbol.asyncDispose]()
})

const head = 'POST /raw/hook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'

test('a body in thousands of tiny chunks is forwarded as one, in far too many it is refused', async () => {
  await using few = await RawClient.open(rig.port)
  const answer = await few.send(`${head}${'1\r\nx\r\n'.repeat(4000)}0\r\n\r\n`).read()
  expect(answer?.status).toBe(200)
  expect(rig.upstream.take().map(({ body }) => body.toString('latin1'))).toEqual(['x'.repeat(4000)])

  await using many = await RawClient.open(rig.port)
  const refusal = await many.send(`${head}${'1\r\nx\r\n'.repeat(200_000)}`).read()
  expect(refusal?.status).toBe(400)
  expect(refusal?.body.toString()).toContain('too many tiny chunks')
  expect(await many.isClosed()).toBe(true)
  expect(rig.upstream.take()).toEqual([])
})

test('a body in large chunks is taken up to its limit', async () => {
  await using client = await RawClient.open(rig.port)
  const chunk = 'y'.repeat(1000)
  const answer = await client.send(`${head}${`3e8\r\n${chunk}\r\n`.repeat(900)}0\r\n\r\n`).read()
  expect(answer?.status).toBe(200)
  expect(rig.upstream.take().map(({ body }) => body.length)).toEqual([900_000])
})
