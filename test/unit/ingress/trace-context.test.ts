import { expect, it } from 'vitest'

import { traceparentOf } from '../../../src/ingress/trace-context.ts'

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

it.each([
  ['version 00', valid, valid],
  ['what a later version appends', `01${valid.slice(2)}-more`, `01${valid.slice(2)}`],
])('a trace context is taken: %s', (_name, header, taken) => {
  expect(traceparentOf(header)).toBe(taken)
})

it.each([
  ['nothing', ''],
  ['a text', 'call me at +14155551234'],
  ['two of them', `${valid}, ${valid}`],
  ['version ff', `ff${valid.slice(2)}`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['a parent id of zeros', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
  ['capitals', valid.toUpperCase()],
  ['more than version 00 has', `${valid}-more`],
  ['a line break at the end', `${valid}\n`],
])('anything else is ignored: %s', (_name, header) => {
  expect(traceparentOf(header)).toBe('')
})
