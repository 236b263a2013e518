import { dialects } from '../dialects.ts'
import { adviceOnDifference, type Advice, settingOf, type Surroundings } from './difference-words.ts'
import type { Diagnosis, SignatureFinding } from './diagnosis.ts'

export type { Advice, Surroundings } from './difference-words.ts'

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
  return differences.map((difference) => adviceOnDifference(difference, dialect, where))
}

function adviceOfFailure(
  { dialect, result }: SignatureFinding,
  { owner: account, entry }: Surroundings,
): Advice {
  const row = dialects[dialect]
  const owner = row.keys === 'signingSecrets' ? entry : account
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
