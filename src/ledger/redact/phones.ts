import { maskPhone, MaskedText } from './masked-text.ts'

const number = /[1-9](?:[ .()-]{0,2}\d){6,14}/y

/** Masks what looks like an international telephone number, wherever it stands: behind a plus, however that is written. */
export function maskPhones(text: string): string {
  return maskBehind(maskBehind(maskBehind(text, '+', ''), '%2', 'bB'), '\\u002', 'bB')
}

/** @param mark the plus, less its last letter where that has two cases, which are `last` */
function maskBehind(text: string, mark: string, last: string): string {
  let at = text.indexOf(mark)
  if (at === -1) return text
  const masked = new MaskedText(text)
  for (; at !== -1; at = text.indexOf(mark, at + mark.length)) {
    const start = at + mark.length
    if (last === '') maskAt(masked, text, start)
    else if (last.includes(text.charAt(start)) && start < text.length) maskAt(masked, text, start + 1)
  }
  return masked.result()
}

/** 7 to 15 digits, which may be grouped. */
function maskAt(masked: MaskedText, text: string, start: number): void {
  const code = text.charCodeAt(start)
  if (!(code >= 49 && code <= 57)) return
  number.lastIndex = start
  const found = number.exec(text)
  if (found !== null) masked.replace(start, number.lastIndex, maskPhone(found[0].replace(/\D/g, '')))
}
