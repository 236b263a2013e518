import fc from 'fast-check'
import { expect, test } from 'vitest'

import { FieldTable, type FieldValues } from '../../../src/callback/field-table.ts'
import { readFlatJson } from '../../../src/callback/flat-json.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const table = new FieldTable(['event', 'Event', 'call_id', 'status', 'a'])

function read(text: string): FieldValues | undefined {
  const found = table.values()
  return readFlatJson(text, table, found) ? found : undefined
}

/** What `JSON.parse` says of the same text; undefined where it refuses it. */
function parsed(text: string): FieldValues | undefined {
  try {
    const fields = JSON.parse(text) as Record<string, unknown>
    return table.names.map((name) => {
      if (!Object.hasOwn(fields, name)) return undefined
      const value = fields[name]
      return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
    })
  } catch {
    return undefined
  }
}

const name = fc.oneof(fc.constantFrom(...table.names, 'Status', 'even', 'events', ''), fc.string())
const scalar = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null))
const flat = fc.dictionary(name, scalar, { maxKeys: 6, noNullPrototype: true })
const spaces = fc.constantFrom('', ' ', '   ')

/** As an encoder of another kind would space it. */
function spaced(text: string, space: string): string {
  return text.replaceAll(/(?<=[":\d\w])([,:}])(?=["{\d\w-])/g, `$1${space}`)
}

test(`what is read of any text is what JSON.parse reads of it (seed ${seed})`, () => {
  const any = fc.oneof(
    flat.map((fields) => JSON.stringify(fields)),
    fc.json({ maxDepth: 2 }),
  )
  const change = fc.tuple(
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.constantFrom('', '"', ',', ':', '{', '}', '[', '0', '-', ' '),
  )
  fc.assert(
    fc.property(any, spaces, fc.option(change), (json, space, mutation) => {
      const whole = spaced(json, space)
      const [at, count, put] = mutation ?? [0, 0, '']
      const from = at % (whole.length + 1)
      const text = whole.slice(0, from) + put + whole.slice(from + count)
      expect(read(text) ?? parsed(text)).toEqual(parsed(text))
    }),
    { seed, numRuns: 3000 },
  )
})

test(`a flat object without escapes needs no JSON.parse (seed ${seed})`, () => {
  fc.assert(
    fc.property(flat, spaces, (fields, space) => {
      const text = JSON.stringify(fields)
      fc.pre(!text.includes('\\'))
      expect(read(`${space}${text}${space}`)).toEqual(parsed(text))
    }),
    { seed, numRuns: 500 },
  )
})

test.each([
  ['{"a":1}', '1'],
  ['{ "a" : "x" , "b":2 }', 'x'],
  ['{"a":-0}', '0'],
  ['{"a":1E+2}', '100'],
  ['{"a":null}', null],
  ['{"a":"1","a":"2"}', '2'],
  ['{}', undefined],
])('%s holds an a of %s', (text, value) => {
  expect(read(text)?.[table.numberOf('a')]).toBe(value)
})

test.each([
  '',
  '{',
  '{"a"}',
  '{"a":1,}',
  '{,"a":1}',
  '{"a":1}}',
  '{"a":1} x',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":nul}',
  '{"a":truex}',
  '{"a":"x}',
  '["a"]',
  '"a"',
  '{"a":{"b":1}}',
  '{"a":[1]}',
  '{"a":"\\u0041"}',
  '{\n"a":1}',
])('%j is left to JSON.parse', (text) => {
  expect(read(text)).toBeUndefined()
})
