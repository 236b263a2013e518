import type { RefusalReason } from '../../callback/attempt.ts'
import { dialects } from '../dialects.ts'
import type { KeyRing } from '../verifier.ts'
import type { Diagnosis, Difference, SignatureFinding } from './diagnosis.ts'

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

const settingOf = {
  webhookSecrets: 'webhook_secret',
  authTokens: 'auth_token',
  parentAuthTokens: 'parent_auth_token',
  signingSecrets: 'signing_secret',
} as const satisfies Record<keyof KeyRing, string>

/** What a diagnosis means, most telling first. */
export function adviceOf(diagnosis: Diagnosis, where: Surroundings): readonly Advice[] {
  const { findings, duplicate } = diagnosis
  if (duplicate !== undefined) return [duplicateHeader(duplicate)]
  if (findings.length === 0) return [noSignature]
  const matches = findings.filter(({ result }) => result === 'match')
  if (matches.length > 0) return matches.flatMap((finding) => adviceOfMatch(finding, where))
  // Five dialects share one header: of those that fit it, the one with a key says most.
  const others = findings.filter(({ result }) => result !== 'no_key')
  const told = others.length > 0 ? others : findings.slice(0, 1)
  return [...new Map(told.map((finding) => [finding.result, adviceOfFailure(finding, where)])).values()]
}

function duplicateHeader(name: string): Advice {
  return {
    code: 'duplicate_header',
    text: `The header ${name} stands there twice, so which one is meant cannot be told.`,
    remedy:
      'Something before Ringback adds or repeats it: let proxies pass signature headers on as they are.',
  }
}

const noSignature: Advice = {
  code: 'signature_missing',
  text: 'The request carries none of the headers that Vobiz signs with.',
  remedy:
    'If it came from Vobiz, a proxy on the way strips headers that begin with X-Vobiz-: let it pass them on. Else the caller is not Vobiz, and the refusal is right.',
}

function adviceOfMatch({ dialect, differences }: SignatureFinding, where: Surroundings): readonly Advice[] {
  if (differences.length === 0) {
    return [
      {
        code: 'match',
        text: `The ${dialect} signature verifies with the keys in force.`,
        remedy: 'Nothing is to be changed: the next one like it is let in.',
      },
    ]
  }
  return differences.map((difference) => adviceOfDifference(difference, dialect, where))
}

function adviceOfDifference(
  found: Difference,
  dialect: SignatureFinding['dialect'],
  { owner, declares, now }: Surroundings,
): Advice {
  const would = `The ${dialect} signature would verify`
  const { code } = found
  switch (code) {
    case 'scheme':
      return {
        code,
        text: `${would} for ${found.signed}:// instead of ${found.ours}://.`,
        remedy:
          found.signed === 'http'
            ? 'Vobiz has the URL with http://. Paste the https URL that `ringback urls` prints.'
            : 'Vobiz dials https, and public_url says http. Set public_url to the https address.',
      }
    case 'host':
    case 'port':
      return {
        code,
        text: `${would} for the ${code === 'host' ? 'host' : 'host and port'} ${found.signed} instead of ${found.ours}.`,
        remedy: `Vobiz dials ${found.signed}. Set public_url to that address, or paste the URL that \`ringback urls\` prints at Vobiz.`,
      }
    case 'trailing_slash':
      return {
        code,
        text: `${would} for the URL ${found.signed} a slash at its end.`,
        remedy:
          'A proxy before Ringback adds or cuts the slash, or the URL at Vobiz differs by it. Paste exactly what `ringback urls` prints, and let the proxy keep the path.',
      }
    case 'query':
      return {
        code,
        text: `${would} for the URL with its query. Vobiz signs it without.`,
        remedy:
          'The sender does not follow Vobiz’s rule. If it is your own test, sign the URL up to the question mark.',
      }
    case 'base_path':
      return {
        code,
        text: `${would} for the URL without ${found.ours}, the path of public_url.`,
        remedy: `Vobiz dials without ${found.ours}. Take it out of public_url, or put it into the URL at Vobiz.`,
      }
    case 'escapes':
      return {
        code,
        text: `${would} for the path with its percent-escapes decoded.`,
        remedy: 'A proxy before Ringback writes the path anew. Let it pass the path on as it came.',
      }
    case 'body':
      return {
        code,
        text: `${would} for the body ${found.how}: what arrived is not what was signed.`,
        remedy:
          'Something before Ringback reads the body and writes it again (an API gateway, a WAF, a framework). Let it pass the bytes on.',
      }
    case 'spelling':
      return {
        code,
        text: `The ${dialect} signature is right, but not spelled as Vobiz spells it (${dialects[dialect].prefix}${dialects[dialect].encoding}).`,
        remedy: 'The sender encodes it in another way. If it is your own test, write it as Vobiz does.',
      }
    case 'older_secret':
      return {
        code,
        text: `${would} with a key that ${found.setting} held until a reload ${ago(now - found.retiredAt)} ago.`,
        remedy: `Vobiz still signs with the old key. Make ${found.setting} a list of both, the new one first, until it has changed over.`,
      }
    case 'other_kind':
      return {
        code,
        text: `${would} with what stands as ${found.setting}.`,
        remedy: `This dialect is signed with ${settingOf[found.needed]}. Put that key there: the two look swapped or mistaken.`,
      }
    case 'other_owner':
      return {
        code,
        text: `${would} with ${found.setting}, which is not the key of ${owner}.`,
        remedy: `The request is signed for another entry: give Vobiz the URL of that one, or configure this key at ${owner}.`,
      }
    case 'not_declared':
      return {
        code,
        text: `The ${dialect} signature is right, but ${dialect} is not among the dialects that are accepted here.`,
        remedy: `Add ${dialect} to ${declares}.`,
      }
    case 'stale':
      return {
        code,
        text: `The ${dialect} signature is right, but its time is ${ago(Math.abs(found.byMs))} ${found.byMs < 0 ? 'before' : 'after'} ours.`,
        remedy:
          'Either the clock of this machine is wrong (`ringback doctor` compares it), or an old request was sent again.',
      }
    case 'milliseconds':
      return {
        code,
        text: `The ${dialect} signature is right, but its timestamp is in milliseconds. Vobiz sends seconds.`,
        remedy: 'If it is your own test, send Unix seconds.',
      }
  }
}

function adviceOfFailure({ dialect, result }: SignatureFinding, { owner }: Surroundings): Advice {
  const row = dialects[dialect]
  const setting = settingOf[row.keysOtherwise ?? row.keys]
  switch (result) {
    case 'no_key':
      return {
        code: result,
        text: `The request carries ${row.signatureHeader} (${dialect}), and ${owner} has no ${settingOf[row.keys]} to check it with.`,
        remedy: `Set ${settingOf[row.keys]} of ${owner}, if ${dialect} is to be accepted.`,
      }
    case 'malformed':
      return {
        code: result,
        text: `What ${row.signatureHeader} holds is not a ${dialect} signature, or what must stand beside it is missing or malformed.`,
        remedy: 'A proxy cuts or changes the header, or the caller is not Vobiz.',
      }
    case 'not_tried':
      return {
        code: result,
        text: `The ${dialect} signature is wrong for what arrived. The body is too large to try other forms of it.`,
        remedy: `Check ${setting} of ${owner} first; then whether something before Ringback changes bodies.`,
      }
    case 'no_match':
    case 'match':
      return {
        code: 'no_match',
        text: `The ${dialect} signature fits no key that is configured, in no way that is known to go wrong.`,
        remedy: `Compare ${setting} of ${owner} with the one that Vobiz shows. If it is right, the caller is not Vobiz, and the refusal is right.`,
      }
  }
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
