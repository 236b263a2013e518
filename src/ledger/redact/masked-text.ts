import type { Sort } from './names.ts'

/** Stands where something was masked, for people. */
export const MASK = '•••'
/** The same in a text of one byte a character. */
export const MASK_BYTES = Buffer.from(MASK).toString('latin1')

/** A telephone number for people: `+1415•••1234`. The ends of a long number stay, of a short one the last two digits. */
export function maskPhone(digits: string): string {
  if (digits.length >= LONG) return `${digits.slice(0, 4)}${MASK_BYTES}${digits.slice(-4)}`
  return `${MASK_BYTES}${digits.slice(-2)}`
}

const LONG = 10
const DIGITS_LEAST = 5
const digitRun = /\d(?:[ .()-]{0,2}\d){4,}/g

/** A text and what is masked of it, from its beginning to its end; what is in between is taken over in one piece. */
export class MaskedText {
  readonly #text: string
  #out = ''
  #done = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Up to here the text is settled. */
  get done(): number {
    return this.#done
  }

  /** Masks a value of a field, of which it is known what it holds. An empty one stays. */
  hide(sort: Sort, from: number, to: number): void {
    if (sort === 'phone') this.#hidePhone(from, to)
    else if (sort !== 'plain' && from < to) this.replace(from, to, MASK_BYTES)
  }

  replace(from: number, to: number, by: string): void {
    this.#out += this.#text.slice(this.#done, from) + by
    this.#done = to
  }

  /** The text itself where nothing was masked. */
  result(): string {
    return this.#done === 0 ? this.#text : this.#out + this.#text.slice(this.#done)
  }

  #hidePhone(from: number, to: number): void {
    const start = this.#text.charCodeAt(from) === 43 ? from + 1 : from
    const digits = to - start
    if (digits < DIGITS_LEAST || !isNumber(this.#text, start, to)) {
      this.replace(from, to, maskPhoneValue(this.#text.slice(from, to)))
    } else if (digits >= LONG) this.replace(start + 4, to - 4, MASK_BYTES)
    else this.replace(start, to - 2, MASK_BYTES)
  }
}

/** A value of a field that is known to hold a telephone number or a SIP address. */
export function maskPhoneValue(value: string): string {
  return value.replace(digitRun, (run) => maskPhone(run.replace(/\D/g, '')))
}

function isNumber(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}
