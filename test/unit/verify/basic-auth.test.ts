import { expect, test } from 'vitest'

import { isBasicAllowed } from '../../../src/verify/basic-auth.ts'

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const allowed = [basic('ops', 'correct horse'), basic('vobiz', 'battery staple')]

test('any of the allowed users is let in', () => {
  expect(isBasicAllowed(basic('ops', 'correct horse'), allowed)).toBe(true)
  expect(isBasicAllowed(basic('vobiz', 'battery staple'), allowed)).toBe(true)
})

test('the name of the scheme may be in any case, the rest may not', () => {
  const value = basic('ops', 'correct horse')
  expect(isBasicAllowed(value.replace('Basic', 'basic'), allowed)).toBe(true)
  expect(isBasicAllowed(value.toUpperCase(), allowed)).toBe(false)
})

test.each([
  '',
  'Basic',
  'Basic ',
  'Bearer abc',
  basic('ops', 'wrong'),
  basic('ops', 'correct horse battery'),
  `${basic('ops', 'correct horse')}\0`,
  `${basic('ops', 'correct horse')} `,
  'Basic \0\0',
  'é'.repeat(1024),
  'x'.repeat(100_000),
])('%j is not', (authorization) => {
  expect(isBasicAllowed(authorization, allowed)).toBe(false)
})

test('nobody is let in where nobody is allowed, nor by an empty entry', () => {
  expect(isBasicAllowed(basic('a', 'b'), [])).toBe(false)
  expect(isBasicAllowed('', [''])).toBe(false)
})
