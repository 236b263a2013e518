import type { Advice } from '../../verify/doctor/words.ts'

const trust =
  'If a proxy stands before Ringback, set trusted_proxies, or every caller has the address of the proxy.'

/** What is known of a refusal, or of a callback that was let in, by its reason alone. */
export function adviceOnReason(verdict: string, reason: string): Advice {
  if (verdict === 'verified') {
    return { code: 'match', text: 'Its signature verified.', remedy: '' }
  }
  if (verdict === 'unchecked') {
    const text = 'Its route does not look at signatures (signature: off), so there was nothing to fail.'
    return { code: 'not_tried', text, remedy: 'Write signature: enforce to have them checked.' }
  }
  switch (reason) {
    case 'basic_auth':
      return {
        code: reason,
        text: 'It was refused before its signature was looked at: HTTP Basic is asked for here, and its user or password was missing or wrong.',
        remedy: 'Put user:password@ into the URL at Vobiz, as basic_auth of the account or route has them.',
      }
    case 'nonce_reused':
      return {
        code: reason,
        text: 'Its signature was right, but its nonce or timestamp had come before with another content: a replay.',
        remedy:
          'Nothing, if you know no reason for it. A test that signs twice must make a new nonce each time.',
      }
    case 'address':
      return {
        code: reason,
        text: 'It was refused before its signature was looked at: its address is not among provider_addresses.',
        remedy: `Add the address if it is Vobiz’s. ${trust}`,
      }
    case 'unknown_path':
      return {
        code: reason,
        text: 'No route has its path, so no key belongs to it.',
        remedy: 'See: ringback explain PATH. Paste at Vobiz exactly what ringback urls prints.',
      }
    case 'signature_missing':
    case 'signature_bad':
    case 'timestamp_bad':
    case 'timestamp_stale':
    case '':
      return {
        code: 'not_tried',
        text: 'It was not examined: only a few of a kind are, while many come. Its request is not kept.',
        remedy: 'Look at another one of the same minute, or have it sent again.',
      }
    default:
      return {
        code: 'not_tried',
        text: `It was refused before its signature was looked at (${reason}).`,
        remedy: '',
      }
  }
}
