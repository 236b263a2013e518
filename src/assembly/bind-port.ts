import { lookup } from 'node:dns/promises'
import net from 'node:net' // an older Node has no BoundSocket to import

import { RingbackError } from '../errors.ts'

/** A port that is bound, for other processes to listen on. */
export interface BoundPort {
  /** Descriptor of its socket. */
  readonly fd: number
  close(): void
}

/**
 * Binds a port without taking connections from it.
 *
 * @throws RingbackError `config` where Node cannot do that; the system's error when the port cannot be bound
 */
export async function bindPort({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<BoundPort> {
  const { BoundSocket } = net as Partial<typeof net>
  if (BoundSocket === undefined)
    throw new RingbackError('config', 'workers: more than one needs Node 26.4 or newer')
  const { address } = await lookup(host)
  const bound = new BoundSocket({ host: address, port })
  return { fd: bound.fd(), close: () => bound.close() }
}
