import { resultWords } from '../words/results.ts'
import type { Tone } from '../words/tone.ts'
import { Icon } from './icons.tsx'

/** A state as shape, word and colour. */
export function Mark({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span className="mark" data-tone={tone}>
      <Icon name={tone} />
      {word}
    </span>
  )
}

export function Badge({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span className="badge" data-tone={tone}>
      <Icon name={tone} />
      {word}
    </span>
  )
}

/** What became of a callback. */
export function ResultMark({ result }: { readonly result: string }) {
  const { tone, word } = resultWords(result)
  return <Mark tone={tone} word={word} />
}
