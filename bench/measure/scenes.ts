import type { CrowdOptions } from '../../test/support/crowd.ts'
import { whole } from '../report/numbers.ts'

/** What happens beside normal callbacks, at one of the bounds of the public port. */
export interface Scene {
  readonly name: string
  /** For the reader of the table. */
  readonly does: string
  /** Clients that come a second after the normal callbacks began. */
  readonly crowd?: Omit<CrowdOptions, 'port'>
  /** As fast as answers come, while the handler answers 500; otherwise at the rate, and it works. */
  readonly isOutage?: boolean
}

const HEAD = 'POST /unsigned/hook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const MIB = 2 ** 20

/** @param connections how many come where it is connections alone that cost something */
export function scenesOf(connections: number): readonly Scene[] {
  return [
    { name: 'nothing', does: 'nothing' },
    {
      name: 'silent',
      does: `${whole(connections)} that say nothing`,
      crowd: { count: connections },
    },
    {
      name: 'unfinished',
      does: `${whole(connections)} that never finish a body`,
      crowd: { count: connections, sends: `${HEAD}Content-Length: 100\r\n\r\n{"half":` },
    },
    {
      name: 'deaf',
      does: '1,000 that send 4,000 requests in a row and read nothing',
      crowd: {
        count: 1_000,
        sends: 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(4_000),
        reads: false,
      },
    },
    {
      name: 'large',
      does: '1,000 bodies of 1 MiB, whole',
      crowd: { count: 1_000, sends: largeBody(MIB) },
    },
    {
      name: 'large-unfinished',
      does: '1,000 bodies of 1 MiB, never finished',
      crowd: { count: 1_000, sends: largeBody(MIB - 1) },
    },
    { name: 'outage', does: 'a handler that fails, at full load', isOutage: true },
  ]
}

/** A callback whose body says that it has 1 MiB and holds so many bytes of it, each of another call. */
function largeBody(bytes: number): (member: number) => Uint8Array {
  return (member) => {
    const start = `{"event":"Hangup","CallUUID":"large-${member}","padding":"`
    const body = (start + 'x'.repeat(MIB - start.length - 2) + '"}').slice(0, bytes)
    return Buffer.from(`${HEAD}Content-Length: ${MIB}\r\n\r\n${body}`)
  }
}
