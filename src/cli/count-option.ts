import { RingbackError } from '../errors.ts'

/** A whole number from 1 on. @throws RingbackError `usage` that names the option */
export function countOption(option: string, text: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= most) return count
  const bound = most === Number.MAX_SAFE_INTEGER ? 'above 0' : `from 1 to ${most}`
  throw new RingbackError('usage', `${option}: must be a whole number ${bound}.`)
}
