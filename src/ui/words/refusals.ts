interface RefusalWords {
  readonly says: string
  readonly remedy: string
}

const words: Readonly<Record<string, RefusalWords>> = {
  unknown_path: {
    says: 'nothing is configured at this path',
    remedy: 'Compare the URL at the provider with those that "ringback urls" prints.',
  },
  method: { says: 'the method is neither GET nor POST', remedy: 'Callbacks come by POST or GET only.' },
  too_large: {
    says: 'the body is larger than allowed',
    remedy: 'Raise the limit if such callbacks are real.',
  },
  malformed: { says: 'the request is not valid HTTP', remedy: 'Mostly scanners; nothing to do.' },
  signature_missing: {
    says: 'it was not signed',
    remedy:
      'Callbacks of the provider are signed. If this one is real, is signing switched on for the account?',
  },
  signature_bad: {
    says: 'the signature is not that of this account',
    remedy:
      'Compare webhook_secret and auth_token with the provider’s console, and public_url with the URL it dials (https, host, path).',
  },
  timestamp_bad: {
    says: 'the timestamp is not a number of seconds',
    remedy: 'Is something rewriting headers on the way?',
  },
  timestamp_stale: {
    says: 'the timestamp is too old or in the future',
    remedy: 'Check the clock of this machine (NTP). A real callback is signed seconds before it arrives.',
  },
  nonce_reused: {
    says: 'its nonce was used before for another request',
    remedy: 'Somebody may be replaying requests; look at the sender.',
  },
  basic_auth: {
    says: 'user name and password are missing or wrong',
    remedy: 'Put them into the URL at the provider, or correct basic_auth of the route.',
  },
  address: {
    says: 'its sender is not one of provider_addresses',
    remedy: 'If the provider sends from new addresses, add their range and reload.',
  },
  overloaded: { says: 'too much was under way', remedy: 'Look at the response times of the handlers.' },
  ledger_unavailable: {
    says: 'the ledger could not take it',
    remedy: 'Look at the disk: free space, permissions, speed.',
  },
}

export function refusalWords(reason: string): RefusalWords {
  return words[reason] ?? { says: reason.replaceAll('_', ' '), remedy: '' }
}
