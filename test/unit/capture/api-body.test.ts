import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { unwrapAnswer } from '../../../src/capture/api-answer.ts'
import { bodySlots, fallbackSlot } from '../../../src/capture/api-body.ts'
import { type Resource, resourceOf } from '../../../src/capture/api-resources.ts'
import { fillSlots } from '../../../src/capture/slot.ts'
import { naughtyStrings } from '../../support/naughty-strings.ts'
import { pickSeed } from '../../support/random.ts'
import { bodies } from './corpus.ts'

const account = '/api/v1/Account/MA_1/'
const prefix = 'https://callbacks.example.com/c/'
const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

function resource(path: string, method = 'POST'): Resource {
  const found = resourceOf(method, account + path)
  if (found === undefined) throw new Error(`${path} sets no URL`)
  return found
}

function names(text: string, path: string, type = json): readonly string[] {
  return bodySlots(text, type, resource(path)).map(({ name }) => name)
}

/** Captures every URL, and gives the way back. */
function capture(text: string, of: Resource): { readonly captured: string; readonly unwrapped: string } {
  const urls: string[] = []
  const captured = fillSlots(text, bodySlots(text, json, of), ({ url }) => {
    urls.push(url)
    return `${prefix}${'token-'.repeat(3)}${urls.length - 1}`
  })
  const unwrapped = unwrapAnswer(captured, prefix, (token) => urls[Number(token.split('-').at(-1))])
  return { captured, unwrapped }
}

describe('the callback URLs of a request to the API', () => {
  it('are the fields of its resource and no others', () => {
    expect(bodies.map(({ path, body }) => names(body, path))).toEqual([
      ['answer_url', 'message_url', 'sip_transfer_url'],
      ['hangup_url'],
      ['webhook_url'],
      ['answer_url', 'ring_url', 'hangup_url', 'fallback_url', 'machine_detection_url'],
      ['aleg_url', 'bleg_url'],
      ['callback_url', 'transcription_url'],
      ['status_callback_url'],
      ['callback_url'],
    ])
  })

  it('come back byte for byte, with everything around them untouched', () => {
    for (const { path, body } of bodies) {
      const { captured, unwrapped } = capture(body, resource(path))
      expect(captured).not.toBe(body)
      expect(unwrapped).toBe(body)
      expect(JSON.parse(captured)).toMatchObject(onlyOthers(body, path))
    }
  })

  it('come back in generated bodies too, in whatever spelling the rest is', () => {
    const seed = pickSeed()
    const start = fc.constantFrom(
      'https://a.example.com/',
      'http://192.0.2.1:8080/x?y=',
      'HTTPS://A.example.com',
      'x',
    )
    const url = fc.tuple(start, fc.string({ maxLength: 8 })).map((parts) => parts.join(''))
    const body = fc.record(
      {
        answer_url: fc.oneof(url, fc.constantFrom(null, 1.5, true, '', [], { a: 'b' })),
        hangup_url: url,
        note: fc.constantFrom('\0"\\', '\u00e9\u20ac', '\ud83d\ude00', '\ud83d'),
        nested: fc.dictionary(fc.string({ maxLength: 4 }), url, { maxKeys: 3 }),
        list: fc.array(url, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    )
    const spacing = fc.constantFrom(undefined, 1, '\t')
    fc.assert(
      fc.property(body, spacing, (fields, space) => {
        const text = Buffer.from(JSON.stringify(fields, undefined, space)).toString('latin1')
        const { captured, unwrapped } = capture(text, resource('Call/'))
        expect(unwrapped).toBe(text)
        expect(captured === text).toBe(bodySlots(text, json, resource('Call/')).length === 0)
      }),
      { seed, numRuns: 200 },
    )
  })

  it('are left alone where a reader could take the body for another', () => {
    const url = 'https://api.example.com/a'
    const unsure = [
      `{"answer_url":"${url}","answer_url":"https://api.example.com/b"}`,
      `{"answer_url":"${url}","answer\\u005furl":"https://api.example.com/b"}`,
      `{"answer_url":"https:\\/\\/api.example.com\\/a"}`,
      `{"answer_url":["${url}"]}`,
      `["${url}"]`,
      `{"answer_url":"${url}"`,
      `\u00ef\u00bb\u00bf{"answer_url":"${url}"}`,
      `{"answer_url":" ${url}"}`,
      `{"answer_url":"${url}\u00c3\u00a9"}`,
      `{"answer_url":"wss://api.example.com/a"}`,
      '',
    ]
    expect(unsure.flatMap((text) => names(text, 'Call/'))).toEqual([])
    expect(names(`answer_url=${url}&answer_url=${url}`, 'Call/', form)).toEqual([])
    expect(names(`answer_url=%ff`, 'Call/', form)).toEqual([])
  })

  it('are found in forms as well', () => {
    const text =
      'from=1&answer_url=https%3A%2F%2Fapi.example.com%2Fa%3Fx%3D1&to=%2B2&hangup_url=&ring_url=https://api.example.com/r'
    const slots = bodySlots(text, `${form}; charset=utf-8`, resource('Call/'))
    expect(slots.map(({ name, url }) => [name, url])).toEqual([
      ['answer_url', 'https://api.example.com/a?x=1'],
      ['ring_url', 'https://api.example.com/r'],
    ])
    expect(fillSlots(text, slots, () => `${prefix}x`)).toBe(
      'from=1&answer_url=https%3A%2F%2Fcallbacks.example.com%2Fc%2Fx&to=%2B2&hangup_url=&ring_url=https%3A%2F%2Fcallbacks.example.com%2Fc%2Fx',
    )
  })

  it('are looked for in garbage without an exception', () => {
    for (const text of naughtyStrings) {
      for (const type of [json, form, '']) {
        bodySlots(text, type, resource('Call/'))
        bodySlots(JSON.stringify({ answer_url: text, [text]: text }), type, resource('Call/'))
      }
      expect(unwrapAnswer(text, prefix, () => 'x')).toBe(text)
    }
    expect(
      names(`{"x":"${'\\"'.repeat(400_000)}","answer_url":"https://api.example.com/a"}`, 'Call/'),
    ).toEqual(['answer_url'])
  })
})

/** The members of a body that are no captured URL. */
function onlyOthers(body: string, path: string): Record<string, unknown> {
  const others = JSON.parse(body) as Record<string, unknown>
  for (const name of names(body, path)) delete others[name]
  return others
}

function known(method: string, path: string): string | undefined {
  return resourceOf(method, path)?.name
}

describe('the requests that set callback URLs', () => {
  it('are known in the spellings of the platform’s pages', () => {
    expect(known('POST', `${account}Application/`)).toBe('application')
    expect(known('POST', '/api/v1/account/MA_1/applications/')).toBe('application')
    expect(known('PUT', `${account}trunks/7`)).toBe('trunk')
    expect(known('POST', '/api/v1/account/MA_1/calls/')).toBe('call')
    expect(resourceOf('POST', '/api/v1/sub-accounts/SA_1/kyc-sessions')).toMatchObject({
      name: 'KYC session',
      account: 'SA_1',
    })
    expect(resourceOf('POST', '/api/v1/partner/kyc-sessions')?.account).toBeUndefined()
    expect(known('POST', '/api/v1/messaging/webhooks')).toBe('messaging webhook')
  })

  it('are no others', () => {
    expect(known('GET', `${account}Application/`)).toBeUndefined()
    expect(known('DELETE', `${account}Call/6f9a/`)).toBeUndefined()
    expect(known('POST', `${account}Call/6f9a/Play/`)).toBeUndefined()
    expect(known('POST', `${account}numbers/%2B1/application`)).toBeUndefined()
    expect(known('POST', '/api/v1/auth/login')).toBeUndefined()
  })
})

function direct(text: string, path: string): string | undefined {
  const slot = fallbackSlot(text, resource(path))
  return slot === undefined ? undefined : fillSlots(text, [slot], ({ url }) => url)
}

describe('an empty fallback', () => {
  const a = '"answer_url":"https://a.example.com/"'

  it('is set to the direct handler where it is left out or empty', () => {
    expect(direct(`{${a},"x":1}`, 'Call/')).toBe(`{${a},"fallback_url":"https://a.example.com/","x":1}`)
    expect(direct(`{${a},"fallback_url": ""}`, 'Call/')).toBe(
      `{${a},"fallback_url": "https://a.example.com/"}`,
    )
    expect(direct(`{"fallback_answer_url":null,${a}}`, 'Application/12/')).toBe(
      `{"fallback_answer_url":"https://a.example.com/",${a}}`,
    )
  })

  it('is not invented where another may be set already', () => {
    expect(direct(`{${a},"fallback_url":"https://b.example.com/"}`, 'Call/')).toBeUndefined()
    expect(direct(`{${a}}`, 'Application/12/')).toBeUndefined()
    expect(direct('{"hangup_url":"https://a.example.com/"}', 'Application/')).toBeUndefined()
    expect(direct(`{${a}}`, 'Call/6f9a/')).toBeUndefined()
  })
})

describe('an answer of the API', () => {
  const token = 'abcdefghijklmnop_-0123456789ABCD'
  const unwrap = (text: string): string =>
    unwrapAnswer(text, prefix, (found) =>
      found === token ? 'https://u:p@api.example.com/a?b="c' : undefined,
    )

  it('shows the original of a captured URL, in its own spelling', () => {
    expect(unwrap(`{"a": "${prefix}${token}"}`)).toBe('{"a": "https://u:p@api.example.com/a?b=\\"c"}')
    expect(unwrap(`["https:\\/\\/callbacks.example.com\\/c\\/${token}"]`)).toBe(
      '["https:\\/\\/u:p@api.example.com\\/a?b=\\"c"]',
    )
    expect(unwrap(`["https://user:pw@callbacks.example.com/c/${token}#rt=4000"]`)).toBe(
      '["https://u:p@api.example.com/a?b=\\"c"]',
    )
  })

  it('stays as it is otherwise', () => {
    for (const text of [
      `{"a":"${prefix}unknown-token-0123456789"}`,
      `{"a":"see ${prefix}${token}"}`,
      `{"a":"${prefix}${token}/more"}`,
      `{"a":"https://callbacksXexample.com/c/${token}"}`,
      `{"a":"\\"${prefix}${token}\\""}`,
      `<a href="x">${prefix}${token}</a>`,
    ]) {
      expect(unwrap(text)).toBe(text)
    }
  })
})
