import type { Outcome } from '../../callback/outcome.ts'

/** An outcome in words for people, to follow "the handler". */
export function outcomeWords(outcome: Outcome, status: number): string {
  switch (outcome) {
    case 'ok':
      return 'answered'
    case 'http_3xx':
    case 'http_4xx':
    case 'http_429':
    case 'http_5xx':
      return `answered HTTP ${status}`
    case 'timeout_connect':
      return 'accepted no connection in time'
    case 'timeout_response':
      return 'did not answer in time'
    case 'dns':
      return 'has a host name that cannot be resolved'
    case 'refused':
      return 'refused the connection'
    case 'reset':
      return 'cut the connection off'
    case 'tls':
      return 'failed the TLS handshake'
    case 'protocol':
      return 'sent no valid HTTP answer'
    case 'bad_xml':
      return 'sent a broken XML document'
    case 'too_large':
      return 'sent too large an answer'
    case 'blocked_target':
      return 'has an address that may not be dialled'
    case 'circuit_open':
      return 'was skipped after many failures'
    case 'unknown':
      return 'was cut off from Ringback'
  }
}

/** The same as a label of a word or two, for subjects and lists. */
export function outcomeLabel(outcome: Outcome, status: number): string {
  if (status > 0 && outcome.startsWith('http_')) return `HTTP ${status}`
  return outcome.replaceAll('_', ' ')
}

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** A length of time as people say it, in its two largest units: `14 min 3 s`. */
export function durationWords(ms: number): string {
  const start = units.findIndex(([, size]) => ms >= size)
  if (start === -1) return 'under 1 s'
  let rest = ms
  const parts: string[] = []
  for (const [name, size] of units.slice(start, start + 2)) {
    const amount = Math.floor(rest / size)
    if (amount > 0) parts.push(`${amount} ${name}`)
    rest -= amount * size
  }
  return parts.join(' ')
}

/** A moment without doubt about the zone: `2026-11-23 15:24:05 UTC`. */
export function timeWords(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `1 callback`, `2 callbacks`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
