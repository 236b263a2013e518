import { describe, expect, it } from 'vitest'

import type { StreamEvent } from '../../../src/admin/api.ts'
import { createEventBuffer } from '../../../src/admin/resources/live/event-buffer.ts'
import { callbackRow, startAdmin } from '../../support/admin-parts.ts'

const id = (n: number) => `01KAJ${String(n).padStart(21, '0')}`

function callback(n: number, at: number, route = 'app-12345'): StreamEvent {
  const row = callbackRow({ id: id(n), route, received_at: at })
  return { type: 'callback', at, data: row }
}

/** Reads a stream until its text matches. */
async function readUntil(response: Response, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (pattern.test(text)) break
  }
  return text
}

describe('the stream', () => {
  it('tells what happens as server-sent events that a client can resume from', async () => {
    await using admin = await startAdmin()
    const response = await fetch(`${admin.url}/api/v1/stream?route=app-12345`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    await expect.poll(() => admin.parts.listeners.size).toBe(1)
    admin.parts.tell(callback(1, 1000, 'other'))
    admin.parts.tell(callback(2, 2000))
    const text = await readUntil(response, /data: .*\n\n/)
    expect(text).toContain(`id: 2000-${id(2)}.delivered\nevent: callback\ndata: {`)
    expect(text).not.toContain(id(1))
  })

  it('tells what was answered while the client was away, from the ledger', async () => {
    await using admin = await startAdmin()
    const now = admin.parts.nowMs
    admin.parts.rows = [
      callbackRow({ id: id(1), received_at: now - 60_000, answer_ms: 10 }), // told before
      callbackRow({ id: id(2), received_at: now - 31_000, answer_ms: 2900 }), // began before, answered after
      callbackRow({ id: id(3), received_at: now - 5000, answer_ms: 10 }),
      callbackRow({ id: id(4), received_at: now - 4000, result: 'pending', answer_ms: 0 }),
    ]
    const last = `${now - 29_000}-${id(1)}.delivered`
    const ways = [
      fetch(`${admin.url}/api/v1/stream`, { headers: { 'last-event-id': last } }),
      fetch(`${admin.url}/api/v1/stream?last_event_id=${last}`), // a browser that opens the stream anew
    ]
    for (const response of await Promise.all(ways)) {
      const text = await readUntil(response, new RegExp(`id":"${id(3)}`))
      const told = [...text.matchAll(/^data: \{"id":"(\w+)"/gm)].map(([, each]) => each)
      expect(told).toEqual([id(2), id(3)])
    }
  })

  it('lets go of a client that went away, and of all when the server stops', async () => {
    const admin = await startAdmin()
    const gone = new AbortController()
    const goes = await fetch(`${admin.url}/api/v1/stream`, { signal: gone.signal })
    const stays = await fetch(`${admin.url}/api/v1/stream`)
    await expect.poll(() => admin.parts.listeners.size).toBe(2)
    gone.abort()
    await expect(goes.text()).rejects.toThrow('aborted')
    await expect.poll(() => admin.parts.listeners.size).toBe(1)
    const [text] = await Promise.all([stays.text(), admin.server.close()])
    expect(text).toContain('retry: 2000')
    expect(admin.parts.listeners.size).toBe(0)
  })

  it('is refused with 503 when too many follow already, and free again when they leave', async () => {
    await using admin = await startAdmin()
    const gone = new AbortController()
    const open: Response[] = [] // held, because a response that is let go of is cancelled
    while (open.length < 64) open.push(await fetch(`${admin.url}/api/v1/stream`, { signal: gone.signal }))
    await expect.poll(() => admin.parts.listeners.size).toBe(64)
    const refused = await fetch(`${admin.url}/api/v1/stream`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
    gone.abort()
    await expect.poll(() => admin.parts.listeners.size).toBe(0)
    expect((await fetch(`${admin.url}/api/v1/stream`)).status).toBe(200)
  })
})

describe('the buffer of one client', () => {
  it('costs a slow client events and never memory, and says how many', async () => {
    const buffer = createEventBuffer(3)
    for (let n = 0; n < 10; n++) buffer.push(callback(n, n))
    const events = await buffer.take(1000)
    expect(events).toHaveLength(4)
    expect(events.at(-1)).toEqual({ type: 'gap', at: 2, data: { dropped: 7, reason: 'slow' } })
  })

  it('gives nothing after the wait, so that a heartbeat can be sent', async () => {
    expect(await createEventBuffer().take(1)).toEqual([])
  })

  it('wakes who waits, and ends', async () => {
    const buffer = createEventBuffer()
    const waiting = buffer.take(60_000)
    buffer.push(callback(1, 1))
    expect(await waiting).toHaveLength(1)
    const last = buffer.take(60_000)
    buffer.end()
    expect(await last).toBe('ended')
    expect(await buffer.take(60_000)).toBe('ended')
  })
})
