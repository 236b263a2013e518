import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { answerFaults } from '../../../src/callback/answer-fault.ts'
import { callbackTypes } from '../../../src/callback/callback-types.ts'
import { hangupCodeOf } from '../../../src/callback/hangup-code.ts'
import { flowNames } from '../../../src/sample/flows.ts'
import { dialectNames } from '../../../src/verify/dialects.ts'

const page = readFileSync('docs/vobiz.md', 'utf8')

test('docs/vobiz.md has a row for every type of callback, with its events and how the answer is used', () => {
  for (const { name, where, events, kind } of callbackTypes) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} `)) ?? ''
    expect(row).toContain(where)
    expect(row).toContain(kind === 'xml' ? '| executed ' : '| status only ')
    for (const event of events) expect(row).toContain(`\`${event}\``)
  }
})

test('docs/vobiz.md names every dialect, fault, flow and hang-up code', () => {
  const codes = ['StartApp', 'DialAction', 'Transfer', 'Redirect'].flatMap((event) =>
    (['http_5xx', 'bad_xml'] as const).map((outcome) => hangupCodeOf({ event, discriminator: '' }, outcome)),
  )
  for (const word of [...dialectNames, ...answerFaults, ...flowNames]) expect(page).toContain(`\`${word}\``)
  for (const code of codes) expect(page).toContain(`${code}`)
})
