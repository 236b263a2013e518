/** What a field holds, by its name. */
export type Sort = 'secret' | 'phone' | 'spoken' | 'plain'

const secretName =
  /authorization|cookie|signature|nonce|token|secret|passw|pwd|credential|api[-_]?key|auth[-_]?key|access[-_]?key|private[-_]?key|session[-_]?id|^x-auth|^otp$|^pin$/
const phoneName =
  /^(?:x-)?(?:from|to|caller|callee|called|calling|msisdn|cli|ani|dnis|src|dst|number|phone|mobile)$|caller_?id|caller_?number|from_?number|to_?number|phone_?number|mobile_?number|called_?number|forwarded_?from|caller_?name|b_?leg_?(?:from|to)|destination_?number|source_?number|phone|msisdn/
const spokenName =
  /^(?:x-)?digits?$|pressed|dtmf|digits_?match|^speech$|unstable_?speech|^speech_?(?:result|text)?$|transcript|utterance/
/** In front of the last letters that are ASCII: a space of another script, which as bytes looks like part of the name. */
const foreign = /^[^]*[^\0-\x7f]/

interface Known {
  readonly name: string
  readonly sort: Sort
}

/** Names recur with every callback, so what a name stands for is worked out once. Two places for each hash. */
const PLACES = 4096
const places: (Known | undefined)[] = Array.from({ length: PLACES }, () => undefined)
const LONGEST_KNOWN = 64

export function sortOf(name: string): Sort {
  return sortAt(name, 0, name.length)
}

/** The same for a name that is part of a text: one that is known is not cut out of it. */
export function sortAt(text: string, from: number, to: number): Sort {
  let hash = 0
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  const place = hash & (PLACES - 2)
  const found = places[place]
  if (found !== undefined && standsAt(found.name, text, from, to)) return found.sort
  const other = places[place + 1]
  if (other !== undefined && standsAt(other.name, text, from, to)) return other.sort
  const name = text.slice(from, to)
  const sort = workOut(name)
  if (name.length > LONGEST_KNOWN) return sort
  places[place + 1] = found
  places[place] = { name: Buffer.from(name).toString(), sort } // a slice would hold the text that it was cut from
  return sort
}

function standsAt(name: string, text: string, from: number, to: number): boolean {
  if (name.length !== to - from) return false
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== text.charCodeAt(from + i)) return false
  return true
}

function workOut(name: string): Sort {
  const sort = sortOfWord(name.toLowerCase())
  return sort === 'plain' && foreign.test(name) ? sortOfWord(name.replace(foreign, '').toLowerCase()) : sort
}

function sortOfWord(name: string): Sort {
  if (secretName.test(name)) return 'secret'
  if (spokenName.test(name)) return 'spoken'
  return phoneName.test(name) ? 'phone' : 'plain'
}
