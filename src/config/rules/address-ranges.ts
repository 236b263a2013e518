import { BlockList, isIP } from 'node:net'

const privateRanges = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const

const privateList = new BlockList()
for (const [network, bits] of privateRanges) privateList.addSubnet(network, bits, familyOf(network))
const loopbackList = new BlockList()
loopbackList.addSubnet('127.0.0.0', 8, 'ipv4')
loopbackList.addSubnet('::1', 128, 'ipv6')

/**
 * Is this a private, loopback or otherwise special address by its look? A hint for the reader of the file: what is
 * dialled is checked again, after its name was resolved.
 */
export function isPrivateHost(hostname: string): boolean {
  const address = addressOf(hostname)
  return address !== undefined && privateList.check(address, familyOf(address))
}

export function isLoopbackHost(hostname: string): boolean {
  const address = addressOf(hostname)
  return address !== undefined && loopbackList.check(address, familyOf(address))
}

/** Do the allowed ranges hold this address? Ranges that are not valid are passed over. */
export function isAllowed(hostname: string, ranges: readonly string[]): boolean {
  const address = addressOf(hostname)
  if (address === undefined) return false
  const list = new BlockList()
  for (const range of ranges) {
    const parsed = parseRange(range)
    if (parsed !== undefined) list.addSubnet(parsed.network, parsed.bits, familyOf(parsed.network))
  }
  return list.check(address, familyOf(address))
}

/** An address or a CIDR range; undefined when it is neither. */
export function parseRange(text: string): { readonly network: string; readonly bits: number } | undefined {
  const [, network = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  if (isIP(network) === 0) return undefined
  const most = isIP(network) === 4 ? 32 : 128
  const length = bits === undefined ? most : Number(bits)
  return length <= most ? { network, bits: length } : undefined
}

/** The range that a remedy names: wide enough for the neighbours, as private networks are cut. */
export function rangeToAllow(hostname: string): string {
  const address = addressOf(hostname) ?? hostname
  const known = privateRanges.find(([network, bits]) => isAllowed(address, [`${network}/${bits}`]))
  const isWide = known !== undefined && /^(10|127|172|192\.168|fc00)/.test(known[0])
  return isWide ? `${known[0]}/${known[1]}` : `${address}/${isIP(address) === 4 ? 32 : 128}`
}

/** The address that a host name of a URL stands for without asking anyone. */
function addressOf(hostname: string): string | undefined {
  const bare = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost')) return '127.0.0.1'
  return isIP(bare) === 0 ? undefined : bare
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}
