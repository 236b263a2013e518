/** Something that changed at the server of a target, in words. */
export interface TargetChange {
  readonly at: number
  readonly text: string
}

const MOST_SERVERS = 1000
const KEPT = 4

/** What changed at the servers of targets lately, without anybody reporting it: their addresses and certificates. */
export class TargetChanges {
  readonly #addresses = new Map<string, string>()
  readonly #certificates = new Map<string, number>()
  readonly #changes = new Map<string, readonly TargetChange[]>()

  /** A name was resolved; the order of the addresses says nothing. */
  resolved(hostname: string, addresses: readonly string[], at: number): void {
    const now = addresses.toSorted().join(', ')
    const before = this.#addresses.get(hostname)
    if (before === now) return
    remember(this.#addresses, hostname, now)
    if (before !== undefined)
      this.#note(hostname, { at, text: `DNS answer of ${hostname}: ${before} → ${now}` })
  }

  /** A server showed a certificate. */
  certified(origin: string, expiresAt: number, at: number): void {
    const before = this.#certificates.get(origin)
    if (before === expiresAt) return
    remember(this.#certificates, origin, expiresAt)
    if (before === undefined) return
    const { hostname } = new URL(origin)
    const text = `certificate of ${hostname}: expires ${dayOf(expiresAt)} (before: ${dayOf(before)})`
    this.#note(hostname, { at, text })
  }

  /** Newest first. */
  of(hostname: string): readonly TargetChange[] {
    return this.#changes.get(hostname) ?? []
  }

  #note(hostname: string, change: TargetChange): void {
    remember(this.#changes, hostname, [change, ...this.of(hostname)].slice(0, KEPT))
  }
}

/** `1 Jan 2027`: digits in a row could be taken for a phone number and masked. */
function dayOf(at: number): string {
  const [, day, month, year] = new Date(at).toUTCString().split(' ')
  return `${Number(day)} ${month} ${year}`
}

/** Servers that were not seen for longest are forgotten first. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST_SERVERS && oldest !== undefined) map.delete(oldest)
}
