/** Control characters, line ends and the marks that reverse the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu
/** A phone number: at least eight digits, with the separators people use; not a part of an id or of an address. */
const PHONE = /(?<![\p{L}\d-])\+?\d(?:[ ()-]{0,2}\d){7,14}(?![\p{L}\d]|-[\p{L}\d])/gu
const ID = /^[\w.:-]{1,128}$/
const SHOWN_DIGITS = 2

/** A text from outside as it may stand in a message: one line of at most `max` characters, phone numbers masked. */
export function clean(text: string, max: number): string {
  return oneLine(maskPhones(text), max)
}

/** An id from outside: as it is when it looks like one and not like a phone number. */
export function cleanId(text: string, max = 64): string {
  return ID.test(text) && !/^\d{7,15}$/.test(text) ? cut(text, max) : clean(text, max)
}

/** One printable line of at most `max` characters. */
export function oneLine(text: string, max: number): string {
  return cut(text.toWellFormed().replace(UNPRINTABLE, ' ').trim(), max)
}

/** Shortened to at most `max` characters, never inside a surrogate pair. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\ufffd$/, '')}…`
}

function maskPhones(text: string): string {
  return text.replace(PHONE, (number) => {
    const digits = number.replace(/\D/g, '')
    const masked = '*'.repeat(digits.length - SHOWN_DIGITS) + digits.slice(-SHOWN_DIGITS)
    return number.startsWith('+') ? `+${masked}` : masked
  })
}
