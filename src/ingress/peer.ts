import ipaddr from 'ipaddr.js'

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Who sent a request, and the trusted proxies it came through. */
export interface Sender {
  readonly peer: string
  /** Nearest last, as X-Forwarded-For lists them; empty without. */
  readonly proxies: string
}

/** Tells who sent a request: the socket's address, or what trusted proxies in front of us say. */
export type SenderOf = (socketAddress: string, forwardedFor: string) => Sender

/** May callbacks come from this address? */
export type IsProvider = (peer: string) => boolean

/** @param addresses gives addresses or CIDR ranges in force; an empty list admits everybody */
export function createIsProvider(addresses: () => readonly string[]): IsProvider {
  let texts: readonly string[] = []
  let ranges: readonly Range[] = []
  return (peer) => {
    const now = addresses()
    if (now.length === 0) return true
    if (now !== texts) [texts, ranges] = [now, now.map(parseRange)]
    return isWithin(peer, ranges)
  }
}

/**
 * @param trustedProxies addresses or CIDR ranges; X-Forwarded-For is believed only from them, and read from the
 *   right up to the first address that is not trusted.
 */
export function createSenderOf(trustedProxies: readonly string[]): SenderOf {
  const ranges = trustedProxies.map(parseRange)
  if (ranges.length === 0) return (socketAddress) => ({ peer: plain(socketAddress), proxies: '' })
  return (socketAddress, forwardedFor) => {
    let peer = plain(socketAddress)
    const proxies: string[] = []
    const hops = forwardedFor.split(',')
    while (isWithin(peer, ranges)) {
      const hop = plain(hops.pop()?.trim() ?? '')
      if (!ipaddr.isValid(hop)) break
      proxies.unshift(peer)
      peer = hop
    }
    return { peer, proxies: proxies.join(', ') }
  }
}

function isWithin(address: string, ranges: readonly Range[]): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range))
}

function parseRange(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text)
  const address = ipaddr.parse(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** An IPv4 address that came over an IPv6 socket reads as IPv4. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
