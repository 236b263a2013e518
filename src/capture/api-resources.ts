/** A request of the provider's API that sets callback URLs. */
export interface Resource {
  readonly name: string
  /** Account of the path; undefined where the path names none. */
  readonly account: string | undefined
  readonly fields: readonly string[]
  /** Does it set URLs for one call, or for as long as the thing exists? */
  readonly life: 'call' | 'standing'
  /** Which field is asked when the answer URL fails, and whether one that is left out is certainly empty. */
  readonly fallback: { readonly of: string; readonly field: string; readonly isNew: boolean } | undefined
}

interface Row extends Omit<Resource, 'account'> {
  readonly path: RegExp
}

// Fields that only the configuration page of the platform knows stand beside those of its API reference.
const applicationFields = [
  'answer_url',
  'fallback_answer_url',
  'hangup_url',
  'message_url',
  'sip_transfer_url',
  'callback_url',
  'fallback_callback_url',
]
const callFields = [
  'answer_url',
  'fallback_url',
  'ring_url',
  'hangup_url',
  'machine_detection_url',
  'status_callback_url',
  'status_url',
]
const applicationFallback = { of: 'answer_url', field: 'fallback_answer_url' }

/**
 * The requests by path (https://vobiz.ai/docs, API reference). Wrong case or a missing slash is for the API to
 * refuse: the table takes both, so that no spelling slips through uncaptured.
 */
const rows: readonly Row[] = [
  {
    name: 'application',
    path: inAccount('applications?'),
    fields: applicationFields,
    life: 'standing',
    fallback: { ...applicationFallback, isNew: true },
  },
  {
    name: 'application',
    path: inAccount('applications?/[^/]+'),
    fields: applicationFields,
    life: 'standing',
    fallback: { ...applicationFallback, isNew: false },
  },
  {
    name: 'trunk',
    path: inAccount('trunks?(?:/[^/]+)?'),
    fields: ['webhook_url', 'status_callback'],
    life: 'standing',
    fallback: undefined,
  },
  {
    name: 'call',
    path: inAccount('calls?'),
    fields: callFields,
    life: 'call',
    fallback: { of: 'answer_url', field: 'fallback_url', isNew: true },
  },
  {
    name: 'transfer',
    path: inAccount('calls?/[^/]+'),
    fields: ['aleg_url', 'bleg_url'],
    life: 'call',
    fallback: undefined,
  },
  {
    name: 'recording',
    path: inAccount('(?:calls?|conferences?)/[^/]+/record'),
    fields: ['callback_url', 'recording_callback_url', 'transcription_url'],
    life: 'call',
    fallback: undefined,
  },
  {
    name: 'stream',
    path: inAccount('calls?/[^/]+/stream'),
    fields: ['status_callback_url'],
    life: 'call',
    fallback: undefined,
  },
  {
    name: 'KYC session',
    path: /^\/api\/v1\/(?:sub-accounts\/(?<account>[^/]+)|partner)\/kyc-sessions(?:\/[^/]+)?\/?$/i,
    fields: ['webhook_url'],
    life: 'standing',
    fallback: undefined,
  },
  {
    name: 'messaging webhook',
    path: /^\/api\/v1\/messaging\/webhooks(?:\/[^/]+)?\/?$/i,
    fields: ['url'],
    life: 'standing',
    fallback: undefined,
  },
]

const settingMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** What a request sets; undefined when it sets no callback URL. `path` is raw, without the query. */
export function resourceOf(method: string, path: string): Resource | undefined {
  if (!settingMethods.has(method)) return undefined
  for (const row of rows) {
    const match = row.path.exec(path)
    if (match !== null) return { ...row, account: match.groups?.['account'] }
  }
  return undefined
}

function inAccount(rest: string): RegExp {
  return new RegExp(`^/api/v1/accounts?/(?<account>[^/]+)/${rest}/?$`, 'i')
}
