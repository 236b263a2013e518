import { redactForm } from './form.ts'
import { MASK_BYTES, maskPhoneValue } from './masked-text.ts'
import { sortOf } from './names.ts'
import { maskPhones } from './phones.ts'

const xmlNumber = /(<(?:Number|Dial|User|Gather|PreAnswer)\b[^>]{0,1000}>)([^<]+)/gi
const xmlAttribute = /(?<![\w:-])([\w:-]{1,64})([\t-\r ]*=[\t-\r ]*)("[^"]*(?:"|$)|'[^']*(?:'|$))/g

/** An XML answer: numbers to dial, attributes with secrets or numbers, and the queries of URLs are masked. */
export function redactXml(text: string): string {
  const masked = text
    .replace(xmlNumber, (_, tag: string, value: string) => tag + maskPhoneValue(value))
    .replace(xmlAttribute, (whole, name: string, equals: string, quoted: string) => {
      const sort = sortOf(name)
      const quote = quoted.slice(0, 1)
      if (sort === 'plain') return quoted.includes('?') ? `${name}${equals}${redactForm(quoted)}` : whole
      const value = quoted.replaceAll(quote, '')
      const hidden = sort === 'phone' ? maskPhoneValue(value) : value && MASK_BYTES
      return `${name}${equals}${quote}${hidden}${quote}`
    })
  return maskPhones(masked)
}
