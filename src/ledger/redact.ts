import type { HeaderText } from '../callback/header-text.ts'
import { redactForm } from './redact/form.ts'
import { redactJson } from './redact/json.ts'
import { MASK, MASK_BYTES, MaskedText, maskPhone } from './redact/masked-text.ts'
import { sortAt } from './redact/names.ts'
import { maskPhones } from './redact/phones.ts'
import { redactXml } from './redact/xml.ts'

/*
 * What must not be kept in clear: credentials, telephone numbers, and what a caller typed or said. Works on the text
 * as it is, without parsing, so a body that is broken or cut off is masked all the same and everything else stays
 * as it was sent. All patterns are linear.
 *
 * A text may be the bytes of a message, one a character (Latin-1): names and marks are ASCII, and what is between them
 * passes untouched, in whatever encoding. So a mask is inserted as its bytes (`MASK_BYTES`), and a space is an ASCII one.
 */

/** A body of any kind as bytes, by its first character; the content type of a sender is not to be trusted with secrets. */
export function redactBytes(text: string): string {
  const first = text[beginOf(text)]
  if (first === '{' || first === '[') return redactJson(text)
  if (first === '<') return redactXml(text)
  return redactForm(redactJson(text))
}

/** The same of a decoded text, for people. */
export function redactBody(text: string): string {
  return withMask(redactBytes(text))
}

// In UTF-8 and decoded: a byte order mark, and spaces that are not ASCII.
const space =
  /(?:[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf)*/y

function beginOf(text: string): number {
  if (text.charCodeAt(0) > 32 && text.charCodeAt(0) < 127) return 0
  space.lastIndex = 0
  space.test(text)
  return space.lastIndex
}

/** Values of secret headers go, numbers in others are masked. */
export function redactHeaders(text: HeaderText): HeaderText {
  const masked = new MaskedText(text)
  const isPlain = !mayNeedMask(text)
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r\n', colon)
    const from = colon + 2
    const sort = sortAt(text, at, colon)
    if (sort !== 'plain') masked.hide(sort, from, end)
    else if (!isPlain) hideInValue(masked, text.slice(from, end), from)
    at = end + 2
  }
  return masked.result()
}

/** Referer and Location hold URLs with queries. */
function hideInValue(masked: MaskedText, value: string, at: number): void {
  const hidden = value.includes('?') ? redactForm(value) : maskPhones(value)
  if (hidden !== value) masked.replace(at, at + value.length, hidden)
}

/** Whether a value of a header that is no secret may hold a query or a telephone number. */
function mayNeedMask(text: string): boolean {
  return text.includes('?') || text.includes('+') || text.includes('%2') || text.includes('\\u002')
}

const PLUS = 43
const PERCENT = 37
const BACKSLASH = 92
const longRun = /(?<![0-9A-Za-z-])\d{10,15}(?![0-9A-Za-z-])/g

/** A path and its query: numbers in the path are masked, also without their plus. */
export function redactTarget(path: string, query: string): string {
  if (query === '' && !mayHoldNumber(path)) return path
  const masked = maskPhones(path).replace(longRun, maskPhone)
  return withMask(query === '' ? masked : masked + redactForm(query))
}

/** What is masked is ten digits in a row, or a few that may be grouped behind a plus. */
function mayHoldNumber(path: string): boolean {
  let digits = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    digits = code >= 48 && code <= 57 ? digits + 1 : 0
    if (digits === 10 || code === PLUS || code === PERCENT || code === BACKSLASH) return true
  }
  return false
}

/** Telephone numbers in words for people. */
export function redactWords(text: string): string {
  return text === '' ? text : withMask(maskPhones(text))
}

/** A redacted text as people read it. */
export function withMask(text: string): string {
  return text.replaceAll(MASK_BYTES, MASK)
}
