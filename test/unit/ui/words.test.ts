import { describe, expect, it } from 'vitest'

import { outcomes } from '../../../src/callback/outcome.ts'
import { refusalReasons, deliveryResults } from '../../../src/callback/attempt.ts'
import { percent } from '../../../src/ui/format/amount.ts'
import { ago, duration } from '../../../src/ui/format/time.ts'
import { curlOf } from '../../../src/ui/words/curl.ts'
import { outcomeWords } from '../../../src/ui/words/outcomes.ts'
import { refusalWords } from '../../../src/ui/words/refusals.ts'
import { resultWords } from '../../../src/ui/words/results.ts'
import { callbackRow } from '../../support/admin-parts.ts'

describe('the words of the page', () => {
  it('know every outcome, result and reason, each with what to do', () => {
    for (const outcome of outcomes) expect(outcomeWords(outcome)?.remedy).toMatch(/^.{10,}[.?]$/)
    for (const result of deliveryResults) expect(resultWords(result).meaning).not.toBe('')
    for (const reason of refusalReasons) expect(refusalWords(reason).remedy).not.toBe('')
    expect(outcomeWords('constructor')).toBeUndefined()
  })

  it('never call it all well while something failed', () => {
    expect(percent(99_999, 100_000)).toBe('99.9 %')
    expect(percent(3, 3)).toBe('100 %')
    expect(percent(0, 0)).toBe('–')
  })

  it('tell times as people do', () => {
    expect([ago(1000, 1500), ago(0, 40_000), ago(90_000, 0), duration(4.25), duration(1615)]).toEqual([
      'just now',
      '40 s ago',
      'in 2 min',
      '4.3 ms',
      '1.61 s',
    ])
  })
})

const detail = (body: string) => ({
  ...callbackRow({ id: 'A', path: "/vobiz/MA_1?x='$(id)'" }),
  request: {
    headers: ['host', 'a', 'x-note', "it's `id`", 'content-length', '3'],
    body,
    body_bytes: body.length,
    is_truncated: false,
    is_redacted: false,
  },
  attempt_rows: [],
})

describe('a callback as cURL', () => {
  it('quotes whatever is in it, so that a shell takes it as it is', () => {
    expect(curlOf(detail("a'b; rm -rf /"), 'https://callbacks.example.com')).toBe(
      [
        String.raw`curl -i -X POST 'https://callbacks.example.com/vobiz/MA_1?x='\''$(id)'\'''` + ' \\',
        String.raw`  -H 'x-note: it'\''s ` + "`id`' \\",
        String.raw`  --data-binary 'a'\''b; rm -rf /'`,
      ].join('\n'),
    )
  })

  it('writes out what a terminal would obey', () => {
    expect(curlOf(detail('\u001b[31m\nx'), 'https://a.example')).toContain(
      String.raw`--data-binary $'\u001b[31m\nx'`,
    )
  })
})
