import { expect, test } from 'vitest'

import { HeaderCursor, headerTextOf } from '../../../src/callback/header-text.ts'
import { NameTable } from '../../../src/callback/name-table.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../../support/random.ts'

const names = ['host', 'hose', 'x-a', 'content-length', 'content-type', 'http2-settings', 'te'] as const
const prefixes = ['x-forwarded-', 'x-ringback-'] as const
const table = new NameTable(
  names.map((name) => [name, name] as const),
  prefixes.map((prefix) => [prefix, prefix] as const),
)

function found(...headers: readonly string[]): (string | undefined)[] {
  const text = headerTextOf(headers.flatMap((name) => [name, 'value']))
  const values: (string | undefined)[] = []
  for (const cursor = new HeaderCursor(text); cursor.next();) values.push(table.of(text, cursor))
  return values
}

test('names are found in any case, and names that only look like them are not', () => {
  expect(
    found('HOST', 'Hose', 'hosT', 'hosts', 'hos', 'Content-Type', 'content_type', 'HTTP2-Settings'),
  ).toEqual(['host', 'hose', 'host', undefined, undefined, 'content-type', undefined, 'http2-settings'])
})

test('a prefix is found in names of any length, itself among them', () => {
  const long = `X-Forwarded-${'a'.repeat(100)}`
  expect(
    found('x-forwarded-', 'X-FORWARDED-For', long, 'x-forwarded', 'x-forwarde-for', 'X-Ringback-Delivery'),
  ).toEqual(['x-forwarded-', 'x-forwarded-', 'x-forwarded-', undefined, undefined, 'x-ringback-'])
})

test('finds what comparing whole names in lower case finds', () => {
  const seed = pickSeed()
  const random = seededRandom(seed)
  const letters = Array.from("abhostxe-2_'~^.AHOTX")
  for (let n = 0; n < 5_000; n++) {
    const base = Array.from(pick(random, [...names, ...prefixes]))
    for (let change = intBelow(random, 3); change > 0; change--) {
      base.splice(intBelow(random, base.length), intBelow(random, 2), pick(random, letters))
    }
    const name = base.map((letter) => (random() < 0.3 ? letter.toUpperCase() : letter)).join('')
    const lower = name.toLowerCase()
    const expected = names.find((one) => one === lower) ?? prefixes.find((prefix) => lower.startsWith(prefix))
    expect({ seed, name, found: found(name) }).toEqual({ seed, name, found: [expected] })
  }
})
