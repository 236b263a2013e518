import { isIP } from 'node:net'

import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = readonly [Address, number]

/** Decides which addresses may be dialled. */
export interface AddressPolicy {
  /** Why this address is refused, in words; undefined when it may be dialled. Anything not understood is refused. */
  refusal(address: string): string | undefined
}

/** Public in form, but inside the cloud that hosts us: Azure's platform address (also its metadata for guests). */
const PLATFORM_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16'])

const words: Readonly<Record<string, string>> = {
  unspecified: 'an unspecified address',
  broadcast: 'a broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address (cloud metadata lives there)',
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  deprecatedSiteLocal: 'a private address',
  carrierGradeNat: 'an address of a provider-internal network (100.64.0.0/10)',
}

/**
 * Refuses every address that is not public, unless `allow` lists its range. An IPv6 address that stands for an
 * IPv4 address (mapped, compatible, NAT64, 6to4) is refused too; ranges are compared with both of its forms.
 *
 * @param allow addresses or CIDR ranges
 * @throws RangeError for an entry that is neither
 */
export function createAddressPolicy(allow: readonly string[]): AddressPolicy {
  const ranges = allow.map(parseRange)
  return {
    refusal(text) {
      if (!isPlain(text)) return `"${text}" is not a plain address`
      const address = ipaddr.parse(text)
      const reason = notPublic(address)
      if (reason === undefined || isListed(address, ranges)) return undefined
      return `${text} is ${reason}; list its range under allow_targets if it is meant`
    },
  }
}

/** Written out in full: short, octal and hexadecimal forms mean different things to different programs. */
function isPlain(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

/** A range of `allow_targets`, in canonical form. */
function parseRange(text: string): Range {
  try {
    const [start = '', bits] = text.split('/')
    if (!isPlain(start)) throw new RangeError()
    if (bits !== undefined) return ipaddr.parseCIDR(text)
    const address = ipaddr.parse(start)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  } catch {
    throw new RangeError(`"${text}" is neither an address nor a range such as 10.0.0.0/8`)
  }
}

function isListed(address: Address, ranges: readonly Range[]): boolean {
  const embedded = embeddedIpv4(address)
  return ranges.some(
    (range) => matches(address, range) || (embedded !== undefined && matches(embedded, range)),
  )
}

function matches(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits)
}

function notPublic(address: Address): string | undefined {
  const range: string = address.range()
  if (range !== 'unicast') return words[range] ?? `in a reserved range (${range})`
  if (address instanceof ipaddr.IPv4) {
    return PLATFORM_ADDRESSES.has(address.toString()) ? 'a platform address of a cloud' : undefined
  }
  const [first = 0, , , , fifth = 0, sixth = 0] = address.parts
  if (first >> 13 !== 1) return 'outside the public IPv6 range' // RFC 4291: global unicast is 2000::/3
  return (fifth & ~0x200) === 0 && sixth === 0x5efe ? 'an IPv4 address in disguise (ISATAP)' : undefined
}

/** The IPv4 address that an IPv6 address would be translated to on the way, if it is of such a form. */
function embeddedIpv4(address: Address): ipaddr.IPv4 | undefined {
  if (address instanceof ipaddr.IPv4) return undefined
  const parts = address.parts
  if (parts[0] === 0x2002) return ipv4(parts[1], parts[2]) // 6to4, RFC 3056
  const head = parts
    .slice(0, 6)
    .map((part) => part.toString(16))
    .join(':')
  const isTranslated =
    head === '0:0:0:0:0:0' || // ::a.b.c.d, RFC 4291
    head === '0:0:0:0:0:ffff' || // ::ffff:a.b.c.d, RFC 4291
    head === '0:0:0:0:ffff:0' || // ::ffff:0:a.b.c.d, RFC 2765
    head === '64:ff9b:0:0:0:0' // NAT64, RFC 6052
  return isTranslated ? ipv4(parts[6], parts[7]) : undefined
}

function ipv4(high = 0, low = 0): ipaddr.IPv4 {
  return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255])
}
