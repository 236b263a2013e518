/*
 * What must not be kept in clear: credentials, telephone numbers, and what a caller typed or said. Works on the text
 * as it is, without parsing, so a body that is broken or cut off is masked all the same and everything else stays
 * as it was sent. All patterns are linear.
 */

export const MASK = '•••'

type Sort = 'secret' | 'phone' | 'spoken' | 'plain'

const secretName =
  /authorization|cookie|signature|nonce|token|secret|passw|pwd|credential|api[-_]?key|auth[-_]?key|access[-_]?key|private[-_]?key|session[-_]?id|^x-auth|^otp$|^pin$/
const phoneName =
  /^(?:x-)?(?:from|to|caller|callee|called|calling|msisdn|cli|ani|dnis|src|dst|number|phone|mobile)$|caller_?id|caller_?number|from_?number|to_?number|phone_?number|mobile_?number|called_?number|forwarded_?from|caller_?name|b_?leg_?(?:from|to)|destination_?number|source_?number|phone|msisdn/
const spokenName =
  /^(?:x-)?digits?$|pressed|dtmf|digits_?match|^speech$|unstable_?speech|^speech_?(?:result|text)?$|transcript|utterance/

/** Names recur with every callback, so what a name stands for is worked out once. */
const known = new Map<string, Sort>()
const KNOWN_LIMIT = 2000

function sortOf(name: string): Sort {
  const found = known.get(name)
  if (found !== undefined) return found
  const plain = name.toLowerCase()
  const sort = secretName.test(plain)
    ? 'secret'
    : spokenName.test(plain)
      ? 'spoken'
      : phoneName.test(plain)
        ? 'phone'
        : 'plain'
  if (known.size < KNOWN_LIMIT) known.set(name, sort)
  return sort
}

/** A telephone number for people: `+1415•••1234`. The ends of a long number stay, of a short one the last two digits. */
export function maskPhone(digits: string): string {
  if (digits.length >= 10) return `${digits.slice(0, 4)}${MASK}${digits.slice(-4)}`
  return `${MASK}${digits.slice(-2)}`
}

// A plus, as it is or escaped for a URL or a JSON text, in front of 7 to 15 digits that may be grouped.
const e164 = /(\+|%2[bB]|\\u002[bB])([1-9](?:[ .()-]{0,2}\d){6,14})/g
const digitRun = /\d(?:[ .()-]{0,2}\d){4,}/g

/** Masks what looks like an international telephone number, wherever it stands. */
export function maskPhones(text: string): string {
  if (!text.includes('+') && !text.includes('%2') && !text.includes('\\u002')) return text
  return text.replace(e164, (_, plus: string, number: string) => plus + maskPhone(number.replace(/\D/g, '')))
}

/** A value of a field that is known to hold a telephone number or a SIP address. */
function maskPhoneValue(value: string): string {
  return value.replace(digitRun, (run) => maskPhone(run.replace(/\D/g, '')))
}

function maskValue(sort: Sort, value: string): string {
  switch (sort) {
    case 'secret':
    case 'spoken':
      return value === '' ? value : MASK
    case 'phone':
      return maskPhoneValue(value)
    case 'plain':
      return value
  }
}

const jsonText = /"([^"\\]*(?:\\[^][^"\\]*)*)/y
const jsonNumber = /-?\d[\d.eE+-]*/y
const jsonItem = /"([^"\\]*(?:\\[^][^"\\]*)*)"?|\d+/g
const NAME_LIMIT = 64

/**
 * A JSON text with secrets, numbers and spoken input masked; the rest is left as it is. Goes from colon to colon, so
 * values that nobody needs to look at cost nothing; sees through one level of JSON inside a text (`\"name\":\"…\"`).
 */
export function redactJson(text: string): string {
  let out = ''
  let done = 0
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', Math.max(colon + 1, done))) {
    const name = nameBefore(text, colon)
    const sort = name === undefined ? 'plain' : sortOf(name)
    if (sort === 'plain') continue
    const value = valueAfter(text, colon + 1)
    if (value === undefined) continue
    out += text.slice(done, value.from) + maskJsonValue(sort, text.slice(value.from, value.to), value.isText)
    done = value.to
  }
  return maskPhones(done === 0 ? text : out + text.slice(done))
}

/** The name in quotes before a colon. */
function nameBefore(text: string, colon: number): string | undefined {
  let quote = colon - 1
  while (isSpace(text.charCodeAt(quote))) quote--
  if (text[quote] !== '"') return undefined
  const end = text[quote - 1] === '\\' ? quote - 1 : quote
  const start = text.lastIndexOf('"', end - 1) + 1
  return start === 0 || end - start > NAME_LIMIT ? undefined : text.slice(start, end)
}

interface JsonValue {
  readonly from: number
  readonly to: number
  /** Without its quotes. */
  readonly isText: boolean
}

/** The text, list or number after a colon; one that is cut off reaches to the end. */
function valueAfter(text: string, colonEnd: number): JsonValue | undefined {
  let at = colonEnd
  while (isSpace(text.charCodeAt(at))) at++
  const upTo = (mark: string, from: number): number => {
    const found = text.indexOf(mark, from)
    return found === -1 ? text.length : found
  }
  switch (text[at]) {
    case '"':
      jsonText.lastIndex = at
      jsonText.test(text)
      return { from: at + 1, to: jsonText.lastIndex, isText: true }
    case '\\':
      return { from: at + 2, to: upTo('\\"', at + 2), isText: true }
    case '[':
      return { from: at, to: upTo(']', at), isText: false }
    case undefined:
      return undefined
    default:
      jsonNumber.lastIndex = at
      return jsonNumber.test(text) ? { from: at, to: jsonNumber.lastIndex, isText: false } : undefined
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

function maskJsonValue(sort: Sort, value: string, isText: boolean): string {
  if (isText) return maskValue(sort, value)
  if (value.startsWith('[')) {
    return value.replace(jsonItem, (item: string, inner: string | undefined) =>
      inner === undefined ? `"${maskValue(sort, item)}"` : `"${maskValue(sort, inner)}"`,
    )
  }
  const masked = maskValue(sort, value)
  return masked === value ? value : `"${masked}"`
}

const formField = /(?<=^|[&?;\s"'])([^=&?;\s"']{1,128})=([^&\s"']*)/g

/** A form body or query (with or without its `?`) with the same things masked. */
export function redactForm(text: string): string {
  const masked = text.replace(formField, (pair, name: string, value: string) => {
    const sort = sortOf(name.includes('%') ? decoded(name) : name)
    return sort === 'plain' ? pair : `${name}=${maskValue(sort, value)}`
  })
  return maskPhones(masked)
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const xmlNumber = /(<(?:Number|Dial|User|Gather|PreAnswer)\b[^>]{0,1000}>)([^<]+)/gi
const xmlAttribute = /(?<![\w:-])([\w:-]{1,64})(\s*=\s*)("[^"]*(?:"|$)|'[^']*(?:'|$))/g

/** An XML answer: numbers to dial, attributes with secrets or numbers, and the queries of URLs are masked. */
export function redactXml(text: string): string {
  const masked = text
    .replace(xmlNumber, (_, tag: string, value: string) => tag + maskPhoneValue(value))
    .replace(xmlAttribute, (whole, name: string, equals: string, quoted: string) => {
      const sort = sortOf(name)
      const quote = quoted.slice(0, 1)
      if (sort === 'plain') return quoted.includes('?') ? `${name}${equals}${redactForm(quoted)}` : whole
      return `${name}${equals}${quote}${maskValue(sort, quoted.replaceAll(quote, ''))}${quote}`
    })
  return maskPhones(masked)
}

/** A body of any kind, by its first character; the content type of a sender is not to be trusted with secrets. */
export function redactBody(text: string): string {
  const first = /\S/.exec(text)?.[0]
  if (first === '{' || first === '[') return redactJson(text)
  if (first === '<') return redactXml(text)
  return redactForm(redactJson(text))
}

/** Names and values in turn. Values of secret headers go, numbers in others are masked. */
export function redactHeaders(headers: readonly string[]): string[] {
  const out: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const value = headers[i + 1] ?? ''
    const sort = sortOf(name)
    out.push(name, sort === 'plain' ? redactHeaderValue(value) : maskValue(sort, value))
  }
  return out
}

/** Referer and Location hold URLs with queries. */
function redactHeaderValue(value: string): string {
  return value.includes('?') ? redactForm(value) : maskPhones(value)
}

const longRun = /(?<![0-9A-Za-z-])\d{10,15}(?![0-9A-Za-z-])/g

/** A path and its query: numbers in the path are masked, also without their plus. */
export function redactTarget(path: string, query: string): string {
  const masked = maskPhones(path).replace(longRun, maskPhone)
  return query === '' ? masked : masked + redactForm(query)
}
