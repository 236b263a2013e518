import { describe, expect, it } from 'vitest'

import { proposalsFor, withProposal } from '../../../src/ui/screens/search/complete.ts'
import { hexDump } from '../../../src/ui/words/hex-dump.ts'
import { diffLines } from '../../../src/ui/words/line-diff.ts'
import { prettyBody } from '../../../src/ui/words/pretty-body.ts'

const diff = (before: string, after: string): string =>
  diffLines(before, after)
    .map(({ kind, text }) => `${{ same: ' ', gone: '-', come: '+' }[kind]}${text}`)
    .join('|')

const many = (name: string): string => Array.from({ length: 900 }, (_, at) => `${name}${at}`).join('\n')
const words = (draft: string): readonly string[] =>
  proposalsFor(draft, ['billing', 'ivr']).map(({ word }) => word)

describe('the difference of two replies', () => {
  it.each([
    ['a\nb\nc', 'a\nb\nc', ' a| b| c'],
    ['a\nb\nc', 'a\nx\nc', ' a|-b|+x| c'],
    ['a', 'a\nb', ' a|+b'],
    ['a\nb\nc\nd', 'b\nd', '-a| b|-c| d'],
    ['', 'a', '-|+a'],
  ])('of %j and %j', (before, after, expected) => {
    expect(diff(before, after)).toBe(expected)
  })

  it('is told as a whole where comparing every line would take too long', () => {
    const lines = diffLines(many('a'), many('b'))
    expect(lines.filter(({ kind }) => kind === 'gone')).toHaveLength(900)
    expect(lines.filter(({ kind }) => kind === 'come')).toHaveLength(900)
  })
})

describe('the completion of the search box', () => {
  it.each([
    ['ro', ['route:']],
    ['route:', ['route:billing', 'route:ivr']],
    ['is:failed route:iv', ['route:ivr']],
    ['has:', ['has:retry']],
    ['class:time', ['class:timeout_connect', 'class:timeout_response']],
    ['event:completed', ['event:call.completed', 'event:recording.completed']],
    ['nonsense:', []],
    ['route:ivr', []],
  ])('of %j', (draft, expected) => {
    expect(words(draft)).toEqual(expected)
  })

  it('takes the place of the last word, and is followed by a space when the word is whole', () => {
    expect(withProposal('is:failed ro', 'route:')).toBe('is:failed route:')
    expect(withProposal('is:failed route:i', 'route:ivr')).toBe('is:failed route:ivr ')
    expect(withProposal('is:failed ', 'has:retry')).toBe('is:failed has:retry ')
  })
})

describe('a body', () => {
  it('is set out where it is JSON, and says where it breaks when it only begins like it', () => {
    expect(prettyBody('{"a":1}')).toEqual({ text: '{\n  "a": 1\n}', problem: '' })
    expect(prettyBody('a=1')).toEqual({ text: undefined, problem: '' })
    expect(prettyBody('{"a":1,}').problem).toContain('It begins like JSON and is none')
  })

  it('is shown byte by byte, sixteen to a line', () => {
    expect(hexDump('AB\n€').dump).toBe('000000  41 42 0a e2 82 ac                                 AB....')
    expect(hexDump('x'.repeat(5000))).toMatchObject({ isCut: true })
    expect(hexDump('x'.repeat(32)).dump.split('\n')).toHaveLength(2)
  })
})
