import type { RefusalReason } from '../../callback/attempt.ts'
import { dialects } from '../dialects.ts'
import type { Dialect, KeyRing } from '../verifier.ts'
import type { Difference, SignatureFinding } from './diagnosis.ts'

/** One thing that a person is told, with what to change. */
export interface Advice {
  readonly code: Difference['code'] | SignatureFinding['result'] | RefusalReason | 'duplicate_header'
  /** What was found. Never holds a signature or a key. */
  readonly text: string
  /** What to change; empty where nothing is to be done. */
  readonly remedy: string
}

/** Where the request came in, for the words. */
export interface Surroundings {
  /** Name of the setting below which its keys stand, such as `accounts.MA_TEST123`. */
  readonly owner: string
  /** Setting below which a signing secret of its own would stand, such as `accounts.MA_TEST123.trunks.trunk-7`. */
  readonly entry: string
  /** Setting that would declare its dialects. */
  readonly declares: string
  readonly now: number
}

/** Names of the keys in the configuration. */
export const settingOf = {
  webhookSecrets: 'webhook_secret',
  authTokens: 'auth_token',
  parentAuthTokens: 'parent_auth_token',
  signingSecrets: 'signing_secret',
} as const satisfies Record<keyof KeyRing, string>

/** Where a difference was found. */
interface Place extends Surroundings {
  readonly dialect: Dialect
  readonly would: string
}

type Of<Code extends Difference['code']> = Extract<Difference, { readonly code: Code }>
type Words = readonly [text: string, remedy: string]

const wordsFor: { readonly [Code in Difference['code']]: (found: Of<Code>, place: Place) => Words } = {
  scheme: (found, { would }) => [
    `${would} for ${found.signed}:// instead of ${found.ours}://.`,
    found.signed === 'http'
      ? 'Vobiz has the URL with http://. Paste the https URL that `ringback urls` prints.'
      : 'Vobiz dials https, and public_url says http. Set public_url to the https address.',
  ],
  host: hostWords,
  port: hostWords,
  trailing_slash: (found, { would }) => [
    `${would} for the URL ${found.signed} a slash at its end.`,
    'A proxy before Ringback adds or cuts the slash, or the URL at Vobiz differs by it. Paste exactly what `ringback urls` prints, and let the proxy keep the path.',
  ],
  query: (_found, { would }) => [
    `${would} for the URL with its query. Vobiz signs it without.`,
    'The sender does not follow Vobiz’s rule. If it is your own test, sign the URL up to the question mark.',
  ],
  base_path: (found, { would }) => [
    `${would} for the URL without ${found.ours}, the path of public_url.`,
    `Vobiz dials without ${found.ours}. Take it out of public_url, or put it into the URL at Vobiz.`,
  ],
  escapes: (_found, { would }) => [
    `${would} for the path with its percent-escapes decoded.`,
    'A proxy before Ringback writes the path anew. Let it pass the path on as it came.',
  ],
  body: (found, { would }) => [
    `${would} for the body ${found.how}: what arrived is not what was signed.`,
    'Something before Ringback reads the body and writes it again (an API gateway, a WAF, a framework). Let it pass the bytes on.',
  ],
  spelling: (_found, { dialect }) => [
    `The ${dialect} signature is right, but not spelled as Vobiz spells it (${dialects[dialect].prefix}${dialects[dialect].encoding}).`,
    'The sender encodes it in another way. If it is your own test, write it as Vobiz does.',
  ],
  older_secret: (found, { would, now }) => [
    `${would} with a key that ${found.setting} held until a reload ${ago(now - found.retiredAt)} ago.`,
    `Vobiz still signs with the old key. Make ${found.setting} a list of both, the new one first, until it has changed over.`,
  ],
  other_kind: (found, { would }) => [
    `${would} with what stands as ${found.setting}.`,
    `This dialect is signed with ${settingOf[found.needed]}. Put that key there: the two look swapped or mistaken.`,
  ],
  other_owner: (found, { would, owner }) => [
    `${would} with ${found.setting}, which is not the key of ${owner}.`,
    `The request is signed for another entry: give Vobiz the URL of that one, or configure this key at ${owner}.`,
  ],
  not_declared: (_found, { dialect, declares }) => [
    `The ${dialect} signature is right, but ${dialect} is not among the dialects that are accepted here.`,
    `Add ${dialect} to ${declares}.`,
  ],
  stale: (found, { dialect }) => [
    `The ${dialect} signature is right, but its time is ${ago(Math.abs(found.byMs))} ${found.byMs < 0 ? 'before' : 'after'} ours.`,
    'Either the clock of this machine is wrong (`ringback doctor` compares it), or an old request was sent again.',
  ],
  milliseconds: (_found, { dialect }) => [
    `The ${dialect} signature is right, but its timestamp is in milliseconds. Vobiz sends seconds.`,
    'If it is your own test, send Unix seconds.',
  ],
}

/** What a difference means, and what to change. */
export function adviceOnDifference(found: Difference, dialect: Dialect, where: Surroundings): Advice {
  const place = { ...where, dialect, would: `The ${dialect} signature would verify` }
  // Safe: the entry of a code takes the difference of that code.
  const words = wordsFor[found.code] as (found: Difference, place: Place) => Words
  const [text, remedy] = words(found, place)
  return { code: found.code, text, remedy }
}

function hostWords(found: Of<'host' | 'port'>, { would }: Place): Words {
  return [
    `${would} for the ${found.code === 'host' ? 'host' : 'host and port'} ${found.signed} instead of ${found.ours}.`,
    `Vobiz dials ${found.signed}. Set public_url to that address, or paste the URL that \`ringback urls\` prints at Vobiz.`,
  ]
}

/** In one unit, such as `12 minutes`. */
function ago(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  const [amount, unit] =
    seconds < 120
      ? [seconds, 'second']
      : seconds < 7200
        ? [Math.round(seconds / 60), 'minute']
        : seconds < 172_800
          ? [Math.round(seconds / 3600), 'hour']
          : [Math.round(seconds / 86_400), 'day']
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}
