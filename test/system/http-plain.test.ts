import { expect, test } from 'vitest'

import { headerValues } from '../support/http-reader.ts'
import { request, startHttpRig } from '../support/http-rig.ts'
import { RawClient } from '../support/raw-http.ts'

// Requests in the usual form take a short way through the public port, all others that of Node's HTTP server. Here is
// what a connection is that has requests of both kinds, in pieces of any size.

const post = (name: string, body = 'x') => request(`POST /raw/${name} HTTP/1.1`, [], body)
const odd = (name: string) =>
  `POST /raw/${name} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`

test('requests in pieces, ahead of their answers, large and odd ones: each is answered, in order, on one connection', async () => {
  await using rig = await startHttpRig()
  const arrived = () =>
    rig.upstream.take().map(({ startLine, body }) => `${startLine.split(' ')[1] ?? ''} ${body.length}`)

  await using pieces = await RawClient.open(rig.port)
  const [first, second] = [post('head-first', 'body'), post('in-two')]
  pieces.send(first.subarray(0, -4))
  await new Promise((resolve) => setTimeout(resolve, 50))
  pieces.send(first.subarray(-4))
  expect((await pieces.read())?.status).toBe(200)
  await pieces.sendByteByByte(second)
  expect((await pieces.read())?.status).toBe(200)
  expect(arrived()).toEqual(['/up/head-first 4', '/up/in-two 1'])

  await using ahead = await RawClient.open(rig.port)
  ahead.send(Buffer.concat(['a', 'b', 'c', 'd'].map((name) => post(name))))
  for (let answers = 0; answers < 4; answers++) expect((await ahead.read())?.status).toBe(200)
  ahead.send(Buffer.concat([post('e'), Buffer.from(odd('f')), post('g').subarray(0, 30)]))
  for (let answers = 0; answers < 2; answers++) expect((await ahead.read())?.status).toBe(200)
  ahead.send(post('g').subarray(30))
  expect((await ahead.read())?.status).toBe(200)
  expect(arrived()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `/up/${name} 1`))

  await using large = await RawClient.open(rig.port)
  for (const length of [100, 60_000, 300_000, 1]) {
    large.send(post('large', 'x'.repeat(length)))
    expect((await large.read())?.status).toBe(200)
  }
  expect(arrived()).toEqual([100, 60_000, 300_000, 1].map((length) => `/up/large ${length}`))
})

test('who says that nothing more will come is answered, and the connection ends with the answer', async () => {
  await using rig = await startHttpRig()
  await using client = await RawClient.open(rig.port)
  const answer = await client.send(post('last')).finish().read()
  expect(answer?.status).toBe(200)
  expect(answer === undefined ? [] : headerValues(answer, 'connection')).toEqual(['close'])
  expect(await client.isClosed()).toBe(true)

  await using several = await RawClient.open(rig.port)
  several.send(Buffer.concat(['x', 'y', 'z'].map((name) => post(name)))).finish()
  for (let answers = 0; answers < 3; answers++) expect((await several.read())?.status).toBe(200)
  expect(await several.isClosed()).toBe(true)

  await using broken = await RawClient.open(rig.port)
  broken.send(post('never', 'half of it').subarray(0, -3)).finish()
  expect(await broken.isClosed()).toBe(true)
  expect(rig.upstream.take().map(({ startLine }) => startLine)).toEqual(
    ['last', 'x', 'y', 'z'].map((name) => `POST /up/${name} HTTP/1.1`),
  )
})

test.each([
  ['what is no request', 'GARBAGE\r\n\r\n', 400],
  ['a wish for a tunnel', 'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n', 405],
  ['a body that breaks off', `${odd('broken').slice(0, -9)}nonsense`, 400],
])('%s is refused after the answers to callbacks before it, once', async (_what, bytes, status) => {
  await using rig = await startHttpRig()
  await using client = await RawClient.open(rig.port)
  client.send(`${odd('one')}${odd('two')}${bytes}`).send(odd('ignored').repeat(20))
  const answers = [await client.read(), await client.read(), await client.read()]
  expect(answers.map((answer) => answer?.status)).toEqual([200, 200, status])
  expect(await client.isClosed()).toBe(true)
  expect(client.leftOver.toString()).toBe('')
  const lines = rig.upstream.take().map(({ startLine }) => startLine)
  expect(lines.sort()).toEqual(['one', 'two'].map((name) => `POST /up/${name} HTTP/1.1`))
})
