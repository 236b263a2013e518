import type { Outcome } from '../../admin/api.ts'
import type { Tone } from './tone.ts'

/** What an outcome means to a person, why it comes about and what to do. */
export interface OutcomeWords {
  /** Two or three words, for lists. */
  readonly label: string
  /** Continues "The handler …". */
  readonly says: string
  readonly cause: string
  readonly remedy: string
}

const words: Readonly<Record<Outcome, OutcomeWords>> = {
  ok: {
    label: 'OK',
    says: 'took it',
    cause: 'The handler answered with a 2xx status.',
    remedy: 'Nothing to do.',
  },
  http_3xx: {
    label: 'Redirect',
    says: 'answered with a redirect',
    cause: 'Callbacks are never sent on to another address: the provider would not follow it either.',
    remedy:
      'Configure the final address as the target. Often it lacks a slash at the end, or says http for https.',
  },
  http_4xx: {
    label: 'Refused by handler',
    says: 'refused the request',
    cause:
      'The handler found fault with this request: a wrong path, missing authorization, or a body it does not accept.',
    remedy:
      'Read its reply below; compare the path and headers with what the handler expects (callback_headers, method).',
  },
  http_429: {
    label: 'Too many requests',
    says: 'said that there are too many requests',
    cause: 'The handler, or a gateway before it, limits how often it may be called.',
    remedy: 'Raise the limit for Ringback, or add capacity. Rescued callbacks are sent again more slowly.',
  },
  http_5xx: {
    label: 'Server error',
    says: 'failed',
    cause: 'The handler ran into an error of its own, or a gateway before it found no healthy instance.',
    remedy:
      'Look for this moment and call id in the handler’s log. 502 and 503 point at its gateway or a deployment.',
  },
  timeout_connect: {
    label: 'No connection in time',
    says: 'could not be reached in time',
    cause: 'Nobody took the connection: the machine is down or a firewall drops packets silently.',
    remedy:
      'Check that the address and port are open from this machine: a firewall rule, a security group, a stopped host.',
  },
  timeout_response: {
    label: 'No answer in time',
    says: 'did not answer in time',
    cause: 'The handler took the request and was still working when its share of the deadline was over.',
    remedy:
      'Answer first and work later (a queue), or look for a slow database or a third party in the handler.',
  },
  dns: {
    label: 'Name not found',
    says: 'has a name that was not found',
    cause: 'The host name of the target has no address here.',
    remedy: 'Check the spelling in the configuration and the name server that this machine uses.',
  },
  refused: {
    label: 'Connection refused',
    says: 'refused the connection',
    cause: 'The machine is there, and nothing listens on this port.',
    remedy: 'Start the handler, or correct the port of the target.',
  },
  reset: {
    label: 'Connection cut',
    says: 'cut the connection',
    cause:
      'The connection ended before a whole reply had come: a crash, a restart, or a gateway that gave up.',
    remedy: 'Look for a crash or a deployment at this moment; check the time-outs of gateways in between.',
  },
  tls: {
    label: 'TLS failed',
    says: 'could not be trusted',
    cause: 'The certificate is expired, for another name, or not signed by a known authority.',
    remedy: 'Renew the certificate, and serve its whole chain.',
  },
  protocol: {
    label: 'No valid HTTP',
    says: 'answered with something that is not valid HTTP',
    cause: 'What came back contradicts itself or is not HTTP; passing it on would be a guess.',
    remedy: 'Check that the port speaks HTTP (not TLS on an http target), and what writes its headers.',
  },
  bad_xml: {
    label: 'Unusable XML',
    says: 'answered with XML that the call cannot run',
    cause: 'The reply should drive the call and is not a valid XML document.',
    remedy: 'Read the reply below: an error page in HTML, an unescaped &, or a missing <Response>.',
  },
  too_large: {
    label: 'Reply too large',
    says: 'answered more than is passed on',
    cause: 'The reply is larger than the limit.',
    remedy: 'The provider needs a few bytes only. Is it a whole page, or a file?',
  },
  blocked_target: {
    label: 'Target not allowed',
    says: 'stands at an address that may not be dialled',
    cause: 'The name leads to a private, loopback or metadata address that allow_targets does not list.',
    remedy: 'If that is your own network, add its range to allow_targets and reload.',
  },
  circuit_open: {
    label: 'Not tried',
    says: 'was not tried, because it failed again and again',
    cause:
      'The target failed so often that it is left alone for a moment, so that callbacks go to the fallback at once.',
    remedy: 'Mend the target; a probe closes the circuit again by itself.',
  },
  unknown: {
    label: 'Cut off',
    says: 'may or may not have taken it',
    cause: 'Ringback was ended while this attempt was under way, so nobody knows how it went.',
    remedy:
      'Look for the delivery id in the handler’s log. Handlers that dedupe on X-Ringback-Delivery can be sent it again.',
  },
}

/** Words for an outcome; undefined for none and for one that this page does not know. */
export function outcomeWords(outcome: string): OutcomeWords | undefined {
  return Object.hasOwn(words, outcome) ? words[outcome as Outcome] : undefined
}

export function outcomeTone(outcome: string): Tone {
  if (outcome === 'ok') return 'good'
  return outcome === 'circuit_open' || outcome === 'unknown' || outcome === '' ? 'idle' : 'bad'
}

export const outcomeNames = Object.keys(words)
