import type { RecordWithTtl } from 'node:dns'
import { Resolver as DnsResolver } from 'node:dns/promises'
import { isIP } from 'node:net'

import { LRUCache } from 'lru-cache'

import type { Clock } from '../clock.ts'
import { codeOf } from './failure.ts'
import { type HostFiles, readHostFiles } from './host-files.ts'

/** Names to addresses, without the thread pool that `getaddrinfo` blocks when a name server is dead. */
export interface Resolver {
  /** The addresses of a name, IPv4 first; at once when they are cached. Literal addresses stand for themselves. */
  addresses(host: string): readonly string[] | Promise<readonly string[]>
}

/** A name that has no address now; the message is meant for people. */
class ResolveError extends Error {
  override readonly name = 'ResolveError'
}

export interface ResolverOptions {
  readonly clock: Clock
  /** Name servers as `address:port`; those of the machine when left out. */
  readonly servers?: readonly string[]
  readonly hostsPath?: string
  readonly resolvPath?: string
}

interface Entry {
  readonly addresses: readonly string[]
  /** Message of a name that was not found. */
  readonly error: string
  /** Monotonic milliseconds until which it is used without asking. */
  freshUntil: number
  /** Until which it is used when no name server answers. */
  readonly staleUntil: number
}

interface Found {
  readonly addresses: readonly string[]
  readonly ttlMs: number
}

/** One family's answer; `isAnswer` is false when no name server gave any. */
interface Settled {
  readonly records: readonly RecordWithTtl[]
  readonly isAnswer: boolean
}

const QUERY_MS = 800
const LEAST_TTL_MS = 5_000
const MOST_TTL_MS = 60_000
/** An answer outlives its time by this much while no name server answers. */
const STALE_MS = 300_000
/** How long a stale answer is held back for a fresh one (RFC 8767 §5 calls this the client response timer). */
const STALE_WAIT_MS = 150
/** How long IPv4 addresses wait for IPv6 ones (the resolution delay of RFC 8305 §3). */
const OTHER_FAMILY_MS = 50
const NOT_FOUND_MS = 1_000
const CACHE_SIZE = 1_000

const NO_SUCH_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'ENONAME'])

export function createResolver(options: ResolverOptions): Resolver {
  return new CachingResolver(options)
}

class CachingResolver implements Resolver {
  readonly #clock: Clock
  readonly #dns = new DnsResolver({ timeout: QUERY_MS, tries: 1 })
  readonly #hostsPath: string
  readonly #resolvPath: string
  readonly #cache = new LRUCache<string, Entry>({ max: CACHE_SIZE })
  readonly #underWay = new Map<string, Promise<readonly string[]>>()

  constructor(options: ResolverOptions) {
    this.#clock = options.clock
    this.#hostsPath = options.hostsPath ?? '/etc/hosts'
    this.#resolvPath = options.resolvPath ?? '/etc/resolv.conf'
    if (options.servers !== undefined) this.#dns.setServers(options.servers)
  }

  addresses(host: string): readonly string[] | Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    const name = host.toLowerCase()
    const entry = this.#cache.get(name)
    if (entry !== undefined && this.#clock.mono() < entry.freshUntil) {
      return entry.error === '' ? entry.addresses : Promise.reject(new ResolveError(entry.error))
    }
    const lookup = this.#underWay.get(name) ?? this.#start(name)
    const isUsable = entry !== undefined && entry.error === '' && this.#clock.mono() < entry.staleUntil
    return isUsable ? firstOf(lookup, entry.addresses) : lookup
  }

  #start(name: string): Promise<readonly string[]> {
    const lookup = this.#resolve(name).finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, lookup)
    return lookup
  }

  async #resolve(name: string): Promise<readonly string[]> {
    const files = await readHostFiles(this.#hostsPath, this.#resolvPath)
    const local = fromFiles(name.replace(/\.$/, ''), files)
    if (local !== undefined) return this.#keep(name, local, LEAST_TTL_MS)

    for (const candidate of candidates(name, files.search)) {
      const found = await this.#query(candidate)
      if (found === 'silent') return this.#unanswered(name)
      if (found !== 'none') return this.#keep(name, found.addresses, found.ttlMs)
    }
    const error = `the name ${name} does not exist (or has no address)`
    const freshUntil = this.#clock.mono() + NOT_FOUND_MS
    this.#cache.set(name, { addresses: [], error, freshUntil, staleUntil: freshUntil })
    throw new ResolveError(error)
  }

  /** Both families at once; IPv4 addresses wait only a moment for IPv6 ones. */
  async #query(name: string): Promise<Found | 'none' | 'silent'> {
    const asking6 = settled(this.#dns.resolve6(name, { ttl: true }))
    const answer4 = await settled(this.#dns.resolve4(name, { ttl: true }))
    const answer6 = answer4.records.length > 0 ? await soon(asking6) : await asking6
    const records = [...answer4.records, ...answer6.records]
    if (records.length === 0) return answer4.isAnswer && answer6.isAnswer ? 'none' : 'silent'
    return {
      addresses: records.map((record) => record.address),
      ttlMs: Math.min(...records.map((record) => record.ttl)) * 1000,
    }
  }

  #keep(name: string, addresses: readonly string[], ttlMs: number): readonly string[] {
    const now = this.#clock.mono()
    const freshUntil = now + Math.min(Math.max(ttlMs, LEAST_TTL_MS), MOST_TTL_MS)
    this.#cache.set(name, { addresses, error: '', freshUntil, staleUntil: now + ttlMs + STALE_MS })
    return addresses
  }

  /** No name server answered: the old addresses go on for a while before they are asked for again. */
  #unanswered(name: string): readonly string[] {
    const now = this.#clock.mono()
    const entry = this.#cache.get(name)
    if (entry !== undefined && entry.error === '' && now < entry.staleUntil) {
      entry.freshUntil = now + LEAST_TTL_MS
      return entry.addresses
    }
    const error = `no name server answered for ${name}`
    this.#cache.set(name, { addresses: [], error, freshUntil: now + NOT_FOUND_MS, staleUntil: now })
    throw new ResolveError(error)
  }
}

function settled(asking: Promise<RecordWithTtl[]>): Promise<Settled> {
  return asking.then(
    (records) => ({ records, isAnswer: true }),
    (error: unknown) => ({ records: [], isAnswer: NO_SUCH_NAME.has(codeOf(error)) }),
  )
}

function soon(asking: Promise<Settled>): Promise<Settled> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ records: [], isAnswer: false }), OTHER_FAMILY_MS)
    void asking.then(resolve).finally(() => clearTimeout(timer))
  })
}

/** The fresh answer if it comes soon, else the stale one; the lookup goes on and renews the cache. */
function firstOf(lookup: Promise<readonly string[]>, stale: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(stale), STALE_WAIT_MS)
    lookup.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function fromFiles(name: string, files: HostFiles): readonly string[] | undefined {
  const listed = files.hosts.get(name)
  if (listed !== undefined) return listed
  // RFC 6761 §6.3: never asked of a name server
  return name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1', '::1'] : undefined
}

/** A name with a dot is tried as it is first; a short one with the search suffixes first, as in Kubernetes and Docker. */
function candidates(name: string, search: readonly string[]): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const longer = search.map((suffix) => `${name}.${suffix}`)
  return name.includes('.') ? [name, ...longer] : [...longer, name]
}
