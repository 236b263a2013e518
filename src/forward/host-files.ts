import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** What the machine's own files say about names. */
export interface HostFiles {
  /** Addresses of a lower-case name in the hosts file (hosts(5)). */
  readonly hosts: ReadonlyMap<string, readonly string[]>
  /** Suffixes that are tried for short names (`search` of resolv.conf(5)), as container platforms set them. */
  readonly search: readonly string[]
}

/** Reads both files afresh; one that cannot be read counts as empty. They are small, and read only when a name is not cached. */
export async function readHostFiles(hostsPath: string, resolvPath: string): Promise<HostFiles> {
  const [hosts, resolv] = await Promise.all([textOf(hostsPath), textOf(resolvPath)])
  return { hosts: parseHosts(hosts), search: parseSearch(resolv) }
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0) continue
    for (const name of names) {
      const known = hosts.get(name.toLowerCase())
      if (known === undefined) hosts.set(name.toLowerCase(), [address])
      else if (!known.includes(address)) known.push(address)
    }
  }
  return hosts
}

function parseSearch(text: string): readonly string[] {
  let search: readonly string[] = []
  for (const line of text.split('\n')) {
    const [key, ...values] = line.trim().split(/\s+/)
    if (key === 'search' || key === 'domain') search = values.filter((value) => value !== '.') // the last one counts
  }
  return search
}
