import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Reply } from '../../../src/callback/attempt.ts'
import type { FoundFault } from '../../../src/callback/answer-fault.ts'
import { judgeReply } from '../../../src/contract/judge-reply.ts'
import { facts } from '../routing/config-of.ts'
import { exchangeOn, routeTo } from '../forward/fixtures.ts'
import { threadCpuMs } from '../../support/thread-cpu.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const h = 'https://h.example.com/next'

function judge(body: string | Uint8Array, given: Partial<Given> = {}): FoundFault | undefined {
  const { status = 200, type = 'application/xml', event = 'StartApp', rewriteXml = false } = given
  const reply: Reply = {
    status,
    headers: type === '' ? [] : ['Content-Type', type],
    body: typeof body === 'string' ? Buffer.from(body) : body,
  }
  const route = routeTo([h], { rewriteXml })
  return judgeReply(exchangeOn(route, {}, { facts: facts({ event, kind: 'xml' }), kind: 'xml' }), reply)
}

const speech = (bytes: number) => `<Response><Speak>${'x'.repeat(bytes - 36)}</Speak></Response>`

interface Given {
  readonly status: number
  readonly type: string
  readonly event: string
  readonly rewriteXml: boolean
}

describe('answers that the provider takes', () => {
  test.each([
    '<Response></Response>',
    '<Response/>',
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- hello -->\n<Response>\n</Response>\n',
    '<Response><Speak>Hello &amp; welcome</Speak><Play>https://cdn.example.com/a.mp3</Play></Response>',
    '<Response><Speak><speak><prosody rate="slow">SSML <break time="1s"/></prosody></speak></Speak></Response>',
    `<Response><Gather action="${h}" method="POST"><Speak>Press 1</Speak></Gather><Hangup/></Response>`,
    `<Response><Dial action="${h}" dialMusic="real"><Number>+14155551234</Number><User>sip:a@b</User></Dial></Response>`,
    `<Response><Redirect>\n  ${h}?a=1&amp;b=2\n</Redirect></Response>`,
    `<Response><Record action="${h}" callbackUrl=""/><Wait length="5"/><DTMF>123</DTMF></Response>`,
    '<Response><Stream bidirectional="true">wss://media.example.com/ws</Stream></Response>',
    `<Response><PreAnswer><Speak>Wait</Speak></PreAnswer><Conference waitSound="${h}">room</Conference></Response>`,
    `<Response><![CDATA[ ]]><Redirect><![CDATA[${h}]]></Redirect></Response>`,
  ])('%s', (body) => {
    expect(judge(body)).toBeUndefined()
  })

  test.each(['application/xml', 'text/xml', 'text/xml; charset=utf-8', 'Application/XML ;x=y'])(
    'as %s',
    (type) => {
      expect(judge('<Response/>', { type })).toBeUndefined()
    },
  )

  test('in the encoding that they name', () => {
    const latin = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Speak>é</Speak></Response>',
      'latin1',
    )
    expect(judge(latin)).toBeUndefined()
    expect(judge(Buffer.from(`\u{feff}<Response/>`, 'utf16le'))).toBeUndefined()
    expect(judge(`\u{feff}<Response/>`)).toBeUndefined()
  })
})

describe('answers that end the call', () => {
  test.each([
    ['an empty body', '', 'not_well_formed'],
    ['blanks', '  \n', 'not_well_formed'],
    ['no XML', 'OK', 'not_well_formed'],
    ['JSON', '{"status":"received"}', 'not_well_formed'],
    ['an open element', '<Response><Speak>Hi</Response>', 'not_well_formed'],
    ['a cut-off document', '<Response><Speak>Hi</Sp', 'not_well_formed'],
    ['a bare ampersand', '<Response><Speak>Q&A</Speak></Response>', 'not_well_formed'],
    ['an attribute twice', '<Response><Wait length="1" length="2"/></Response>', 'not_well_formed'],
    [
      'an entity of its own',
      '<!DOCTYPE Response [<!ENTITY a "b">]><Response><Speak>&a;</Speak></Response>',
      'not_well_formed',
    ],
    ['two roots', '<Response/><Response/>', 'not_well_formed'],
    ['text after the root', '<Response/>text', 'not_well_formed'],
    ['a control character', '<Response>\x01</Response>', 'not_well_formed'],
    ['bytes that are no UTF-8', Buffer.from([0x3c, 0x52, 0xff, 0xfe]), 'not_well_formed'],
    [
      'an encoding that nobody knows',
      '<?xml version="1.0" encoding="klingon"?><Response/>',
      'not_well_formed',
    ],
    ['a page of HTML', '<!DOCTYPE html><html><body>Error</body></html>', 'root'],
    ['another case', '<response/>', 'root'],
    ['a verb of another platform', '<Response><Say>Hi</Say></Response>', 'verb'],
    ['a verb in another case', '<Response><speak>Hi</speak></Response>', 'verb'],
    ['a verb where none may stand', '<Response><Dial><Speak>Hi</Speak></Dial></Response>', 'verb'],
    ['a relative action', '<Response><Gather action="/menu"/></Response>', 'url'],
    ['an action without scheme', '<Response><Gather action="h.example.com/x"/></Response>', 'url'],
    ['a script as action', '<Response><Gather action="javascript:alert(1)"/></Response>', 'url'],
    ['a redirect to nowhere', '<Response><Redirect/></Response>', 'url'],
    ['a relative redirect', '<Response><Redirect>../next</Redirect></Response>', 'url'],
    ['music that is neither URL nor word', '<Response><Dial dialMusic="rael"/></Response>', 'url'],
  ])('%s', (_, body, fault) => {
    expect(judge(body)).toMatchObject({ fault, dropsCall: true })
  })

  test.each([
    '',
    'text/html',
    'text/plain; charset=utf-8',
    'application/json',
    'application/xmlish',
    'text/xml2',
  ])('as %j', (type) => {
    expect(judge('<Response/>', { type })).toMatchObject({ fault: 'content_type', dropsCall: true })
  })

  test('of more than 100 KB, which are not parsed', () => {
    expect(judge(speech(102_400))).toBeUndefined()
    expect(judge(speech(102_401))).toMatchObject({ fault: 'too_large' })
    expect(judge('<'.repeat(200_000))).toMatchObject({ fault: 'too_large' })
  })

  test('to a sound that tells the call to do something', () => {
    const event = 'ConferenceRemoteSounds'
    expect(judge('<Response><Speak>Wait</Speak><Wait/></Response>', { event })).toBeUndefined()
    expect(judge('<Response><Hangup/></Response>', { event })).toMatchObject({ fault: 'verb' })
  })
})

describe('answers that are worth a note', () => {
  test('an http URL is dialled by the provider, in clear text', () => {
    const body = '<Response><Gather action="http://h.example.com/x"/></Response>'
    expect(judge(body)).toMatchObject({ fault: 'url', dropsCall: false })
    expect(judge(body.replace('<Gather', '<Say/><Gather'))).toMatchObject({ fault: 'verb', dropsCall: true })
  })

  test('a status other than 200 is mended on its way', () => {
    expect(judge('<Response/>', { status: 201 })).toMatchObject({ fault: 'status', dropsCall: false })
    expect(judge('', { status: 204 })).toMatchObject({ fault: 'not_well_formed', dropsCall: true })
  })
})

test('where URLs are captured, a relative one is made whole before the provider sees it', () => {
  const body = '<Response><Gather action="/menu"/><Redirect>next</Redirect></Response>'
  expect(judge(body, { rewriteXml: true })).toBeUndefined()
  expect(judge('<Response><Redirect/></Response>', { rewriteXml: true })).toMatchObject({ fault: 'url' })
})

test('what is said holds names and places, nothing that a caller said', () => {
  const secret = '+14155551234'
  for (const body of [`<Response><Speak>${secret}`, `<Response><Gather action="${secret}"/></Response>`]) {
    expect(judge(body)?.error).not.toContain(secret)
  }
  expect(judge(`<${'x'.repeat(90_000)}/>`)?.error.length).toBeLessThan(120)
})

test(`any bytes are judged, never thrown at us (seed ${seed})`, () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<Response>',
      '</Response>',
      '<Gather action="',
      '"/>',
      '<!--',
      ']]>',
      '&#0;',
      '&amp;',
      '<?x',
      '?>',
    ),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      expect(() => judge(pieces.join(''))).not.toThrow()
    }),
    { seed, numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => judge(bytes)).not.toThrow()
    }),
    { seed, numRuns: 500 },
  )
})

test('the longest document of the worst sort takes no more than a blink', () => {
  const worst = [
    `<Response>${'<Speak>'.repeat(14_000)}`,
    `<Response><Speak ${Array.from({ length: 9000 }, (_, i) => `a${i}="1"`).join(' ')}/></Response>`,
    `<Response><Speak>${'&amp;'.repeat(20_000)}</Speak></Response>`,
    `<!DOCTYPE a [${'<!ENTITY a "b">'.repeat(6000)}]><Response/>`,
    `<Response><!--${'-'.repeat(100_000)}`,
  ]
  for (const body of worst) {
    judge(body)
    expect(threadCpuMs(() => judge(body))).toBeLessThan(500)
  }
})
