import { contentTypeOf } from '../callback/answer.ts'
import type { FoundFault } from '../callback/answer-fault.ts'
import type { Reply } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import { drops, judgeXml } from './judge-xml.ts'

/** What the provider takes at most (https://vobiz.ai/docs/xml/response); nothing larger is parsed. */
const MOST_BYTES = 100 * 1024
const MEDIA_TYPE = /^(?:application|text)\/xml(?:\s*;|\s*$)/i

/**
 * What is wrong with a handler's answer to a callback whose answer the provider executes; undefined when nothing is.
 * A 2xx other than 200 is mended on the way to the provider, so it is only worth a note.
 */
export function judgeReply({ route, facts }: Exchange, reply: Reply): FoundFault | undefined {
  const { status, body } = reply
  const type = contentTypeOf(reply)
  if (!MEDIA_TYPE.test(type)) {
    const said = type === '' ? 'has no content type' : `has the content type ${type.slice(0, 60)}`
    return drops('content_type', `${said}; Vobiz takes application/xml and text/xml`)
  }
  if (body.length > MOST_BYTES) {
    return drops('too_large', `has ${body.length} bytes; Vobiz takes ${MOST_BYTES} at most`)
  }
  const found = judgeXml(body, {
    isSound: facts.event === 'ConferenceRemoteSounds',
    mayBeRelative: route.rewriteXml === true,
  })
  if (found?.dropsCall === true || status === 200) return found
  const error = `has the status ${status}; Vobiz takes 200 alone, which it is told`
  return { fault: 'status', error, dropsCall: false }
}
