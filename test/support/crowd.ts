import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'

/** What one client of a crowd was told: a status, or how its connection stands where it was told nothing. */
export type Told = number | 'open' | 'closed'

export interface CrowdOptions {
  readonly port: number
  readonly count: number
  /** What each sends as soon as it is connected; may differ for each. */
  readonly sends?: string | Uint8Array | ((member: number) => Uint8Array)
  /** False for clients that never read what they are told; then they are told nothing. */
  readonly reads?: boolean
}

/** Connected at a time, so that the queue of the port does not overflow. */
const AT_ONCE = 250

/** Thousands of clients that each send some bytes and wait. */
export class Crowd implements Disposable {
  readonly #members: Member[] = []

  /** Resolves when all have connected, or been turned away. */
  static async open({ port, count, sends = '', reads = true }: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd()
    while (crowd.#members.length < count) {
      const first = crowd.#members.length
      const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) =>
        Member.open(port, typeof sends === 'function' ? sends(first + i) : sends, reads),
      )
      crowd.#members.push(...(await Promise.all(some)))
      await turn()
    }
    return crowd
  }

  /** How many were told what. */
  told(): Readonly<Partial<Record<Told, number>>> {
    const counts: Partial<Record<Told, number>> = {}
    for (const { told } of this.#members) counts[told] = (counts[told] ?? 0) + 1
    return counts
  }

  /** How many of their connections are open. */
  get open(): number {
    return this.#members.filter(({ isOpen }) => isOpen).length
  }

  /** What the first who was told something with this status was told. */
  textOf(status: number): string {
    return this.#members.find(({ told }) => told === status)?.text ?? ''
  }

  /** Each sends these bytes, those that still can. */
  send(bytes: string): void {
    for (const member of this.#members) member.send(bytes)
  }

  [Symbol.dispose](): void {
    for (const member of this.#members) member.end()
  }
}

class Member {
  text = ''
  isOpen = true
  readonly #socket: Socket

  private constructor(socket: Socket, reads: boolean) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('close', () => (this.isOpen = false))
    if (!reads) socket.pause()
    else socket.on('data', (bytes: Buffer) => (this.text += bytes.toString('latin1')))
  }

  static async open(port: number, sends: string | Uint8Array, reads: boolean): Promise<Member> {
    const socket = connect(port, '127.0.0.1')
    const member = new Member(socket, reads)
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)
    if (sends.length > 0) socket.write(sends)
    return member
  }

  get told(): Told {
    const status = /^HTTP\/1\.1 (\d{3}) [^]*\r\n\r\n/.exec(this.text)?.[1]
    if (status !== undefined) return Number(status)
    return this.isOpen ? 'open' : 'closed'
  }

  send(bytes: string): void {
    if (this.isOpen) this.#socket.write(bytes)
  }

  end(): void {
    this.#socket.destroy()
  }
}
