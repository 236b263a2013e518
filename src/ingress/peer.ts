import ipaddr from 'ipaddr.js'

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Tells who sent a request: the socket's address, or what trusted proxies in front of us say. */
export type PeerOf = (socketAddress: string, forwardedFor: string) => string

/**
 * @param trustedProxies addresses or CIDR ranges; X-Forwarded-For is believed only from them, and read from the
 *   right up to the first address that is not trusted.
 */
export function createPeerOf(trustedProxies: readonly string[]): PeerOf {
  const ranges = trustedProxies.map(parseRange)
  if (ranges.length === 0) return (socketAddress) => plain(socketAddress)
  const isTrusted = (address: string): boolean => {
    if (!ipaddr.isValid(address)) return false
    const parsed = ipaddr.process(address)
    return ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range))
  }
  return (socketAddress, forwardedFor) => {
    let peer = plain(socketAddress)
    const hops = forwardedFor.split(',')
    while (isTrusted(peer)) {
      const hop = plain(hops.pop()?.trim() ?? '')
      if (!ipaddr.isValid(hop)) break
      peer = hop
    }
    return peer
  }
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
