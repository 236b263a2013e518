import { describe, expect, it } from 'vitest'

import { fillSlots } from '../../../src/capture/slot.ts'
import { xmlSlots } from '../../../src/capture/xml-slots.ts'
import { naughtyStrings } from '../../support/naughty-strings.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../../support/random.ts'
import { broken, documents } from './corpus.ts'
import { threadCpuMs } from '../../support/thread-cpu.ts'

const prefix = 'https://callbacks.example.com/c/'

/** Stands for the registrations: every URL has a token, every token its URL. */
class Tokens {
  readonly #urls: string[] = []

  tokenOf(url: string): string {
    if (!this.#urls.includes(url)) this.#urls.push(url)
    return `${prefix}${this.#urls.indexOf(url)}`
  }

  urlOf(captured: string): string | undefined {
    return captured.startsWith(prefix) ? this.#urls[Number(captured.slice(prefix.length))] : undefined
  }
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function found(text: string): readonly string[] {
  return xmlSlots(latin1(text)).map(({ name, url }) => `${name} ${url}`)
}

describe('the callback URLs of an XML answer', () => {
  it('are those that the platform requests during a call, absolute and relative, with escapes undone', () => {
    expect(documents.flatMap(found)).toEqual([
      'action https://api.example.com/menu?lang=en&step=1',
      'action /menu-choice',
      'interimSpeechResultsCallback https://api.example.com/interim',
      'action /recorded',
      'callbackUrl https://api.example.com/recording',
      'transcriptionUrl https://api.example.com/text',
      'callbackUrl https://api.example.com/dial',
      'action https://api.example.com/after',
      'confirmSound /confirm.xml',
      'Redirect https://api.example.com/next?a=1&b=2',
      'Redirect https://api.example.com/next?a=1&b=2',
      'callbackUrl https://api.example.com/conf',
      'waitSound https://api.example.com/wait.xml',
      'statusCallbackUrl https://api.example.com/stream',
    ])
  })

  it('are left alone where the document is broken, declares entities, or is ambiguous', () => {
    expect(broken.flatMap(found)).toEqual([])
  })

  it('come back byte for byte when captured ones are unwrapped again', () => {
    for (const document of documents) {
      const tokens = new Tokens()
      const text = latin1(document)
      const captured = fillSlots(text, xmlSlots(text), ({ url }) => tokens.tokenOf(url))
      const unwrapped = fillSlots(captured, xmlSlots(captured), ({ url }) => tokens.urlOf(url))
      expect(unwrapped).toBe(text)
      expect(captured === text).toBe(xmlSlots(text).length === 0)
    }
  })

  it('come back in generated documents too, whatever stands around them', () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    for (let i = 0; i < 500; i++) {
      const text = latin1(generatedDocument(random))
      const slots = xmlSlots(text)
      const tokens = new Tokens()
      const captured = fillSlots(text, slots, ({ url }) => tokens.tokenOf(url))
      const unwrapped = fillSlots(captured, xmlSlots(captured), ({ url }) => tokens.urlOf(url))
      expect(unwrapped, `seed ${seed}`).toBe(text)
      expect(
        slots.every(({ name }) => names.has(name)),
        `seed ${seed}`,
      ).toBe(true)
    }
  })

  it('are looked for in garbage without an exception, and in time', () => {
    const seed = pickSeed()
    const random = seededRandom(seed)
    const pieces = [
      '<',
      '>',
      '"',
      "'",
      '&',
      '&amp;',
      ']]>',
      '<![CDATA[',
      '<!--',
      '-->',
      '<Redirect>',
      '</Redirect>',
      ' action="',
      '=',
      '/',
      '\n',
      'é',
      '\0',
    ]
    for (let i = 0; i < 2_000; i++) {
      const text = Array.from({ length: intBelow(random, 40) }, () => pick(random, pieces)).join('')
      const slots = xmlSlots(latin1(text))
      expect(
        fillSlots(text, slots, () => undefined),
        `seed ${seed}`,
      ).toBe(text)
    }
    for (const text of naughtyStrings) xmlSlots(latin1(`<Response><Redirect>${text}</Redirect></Response>`))
    const taken = threadCpuMs(() => {
      for (const part of ['<', '<a ', '<a b="', '<Redirect>', ' ', '&amp;', '<!--', '"', "<a b='c' "]) {
        xmlSlots(part.repeat(Math.floor((100 * 1024) / part.length)))
        xmlSlots(`<Response ${part.repeat(Math.floor((100 * 1024) / part.length))}></Response>`)
      }
    })
    expect(taken).toBeLessThan(2_000)
  })
})

const names = new Set(['action', 'callbackUrl', 'waitSound', 'Redirect'])

/** A well-formed document with attributes that are known and unknown, in both quotes. */
function generatedDocument(random: () => number): string {
  const url = (quote: string): string =>
    pick(random, ['https://api.example.com/', '/', './', 'https://']) +
    pick(random, [
      'a',
      'x?y=1&amp;z=2',
      '%20',
      quote === '"' ? "it's" : 'say&lt;',
      'h\u00e9',
      '',
      ' ',
      '{{id}}',
    ])
  const attribute = (): string => {
    const quote = pick(random, ['"', "'"])
    const name = pick(random, [
      'action',
      'callbackUrl',
      'waitSound',
      'method',
      'data-action',
      'Action',
      'url',
    ])
    return `${name}${pick(random, ['', ' '])}=${pick(random, ['', ' ', '\n'])}${quote}${url(quote)}${quote}`
  }
  const attributes = (): string => {
    const all = Array.from({ length: intBelow(random, 4) }, attribute)
    const unique = new Map(all.map((each) => [each.split('=')[0]?.trim(), each]))
    return [...unique.values()].map((each) => pick(random, [' ', '\n\t']) + each).join('')
  }
  const element = (depth: number): string => {
    const name = pick(random, ['Gather', 'Redirect', 'Dial', 'Play', 'Conference'])
    const inside = Array.from({ length: intBelow(random, 3) }, () =>
      depth > 0
        ? element(depth - 1)
        : pick(random, [url('"'), `<![CDATA[${url('"')}]]>`, '<!-- action="x" -->', '<?pi?>']),
    ).join(pick(random, ['', ' ', '\n']))
    return `<${name}${attributes()}>${inside}</${name}>`
  }
  return `<Response>${Array.from({ length: intBelow(random, 4) }, () => element(2)).join('\n')}</Response>`
}
