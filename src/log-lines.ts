import type { Attempt, Delivery } from './callback/attempt.ts'
import type { Exchange } from './callback/callback.ts'
import type { Facts } from './callback/event.ts'
import { hangupCodeOf } from './callback/hangup-code.ts'
import type { Route } from './callback/route.ts'

const LEVEL_INFO = 30
const LEVEL_WARN = 40

/**
 * Makes the two log lines of a callback. Joining texts is most of what a line costs, so what the line before said in the
 * same words is not joined anew: who the callback is, because its two lines mostly follow one another, and how it went,
 * because most go alike.
 */
export class LogLines {
  #facts: Facts | undefined
  #route: Route | undefined
  #who = ''
  readonly #tried = { role: '', number: 0, via: '', outcome: '', status: 0, text: '' }
  readonly #ended = { kind: '', verdict: '', result: '', status: 0, text: '' }

  attempt(exchange: Exchange, attempt: Attempt): string {
    const level = attempt.outcome === 'ok' ? LEVEL_INFO : LEVEL_WARN
    return (
      `{"level":${level},"time":${attempt.startedAt},"msg":"attempt",` +
      this.#whoOf(exchange) +
      this.#howTried(attempt) +
      inHundredths(attempt.phases.total) +
      (attempt.error === '' ? '' : `,"error":${quoted(attempt.error)}`) +
      `${trace(exchange)}}\n`
    )
  }

  callback(exchange: Exchange, delivery: Delivery): string {
    return (
      `{"level":${LEVEL_INFO},"time":${exchange.callback.receivedAt},"msg":"callback",` +
      this.#whoOf(exchange) +
      this.#howEnded(exchange, delivery) +
      inHundredths(delivery.answerMs) +
      (delivery.blame === undefined ? '' : `,"blame":"${delivery.blame}"`) +
      hangupCode(exchange, delivery) +
      `${trace(exchange)}}\n`
    )
  }

  #whoOf({ callback, route, facts }: Exchange): string {
    if (this.#facts !== facts || this.#route !== route) {
      this.#facts = facts
      this.#route = route
      this.#who = `"delivery":"${callback.id}","route":"${route.id}","event":"${facts.event}","call":${quoted(facts.callId)},`
    }
    return this.#who
  }

  #howTried({ target, number, via, outcome, status }: Attempt): string {
    const last = this.#tried
    const { role } = target
    const isSame = last.role === role && last.outcome === outcome && last.status === status
    if (!isSame || last.number !== number || last.via !== via) {
      const text = `"target":"${role}","attempt":${number},"via":"${via}","outcome":"${outcome}","status":${status},"ms":`
      Object.assign(last, { role, number, via, outcome, status, text })
    }
    return last.text
  }

  #howEnded({ kind, verdict }: Exchange, { result, answerStatus: status }: Delivery): string {
    const last = this.#ended
    const isSame = last.kind === kind && last.result === result && last.status === status
    if (!isSame || last.verdict !== verdict) {
      const text = `"kind":"${kind}","verdict":"${verdict}","result":"${result}","answered":${status},"ms":`
      Object.assign(last, { kind, verdict, result, status, text })
    }
    return last.text
  }
}

/** The code under which the provider's own records will show the end of the call, for those who compare the two. */
function hangupCode({ kind, facts }: Exchange, { result, lastOutcome, answerStatus }: Delivery): string {
  if (kind !== 'xml' || result !== 'failed' || lastOutcome === undefined || answerStatus === 200) return ''
  const code = hangupCodeOf(facts, lastOutcome)
  return code === undefined ? '' : `,"hangup_code":${code}`
}

function trace(exchange: Exchange): string {
  return exchange.traceparent === '' ? '' : `,"traceparent":${quoted(exchange.traceparent)}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** `.01` to `.99` as a number ends with them; nothing for whole ones. */
const hundredths = Array.from({ length: 100 }, (_, n) => (n === 0 ? '' : String(n / 100).slice(1)))
const MOST_WHOLE = 1e9

/** A number with at most two decimals, written as JavaScript writes it, which takes its time over a fraction. */
function inHundredths(value: number): string {
  const scaled = Math.round(value * 100)
  if (!(scaled >= 0 && scaled < MOST_WHOLE)) return String(scaled / 100)
  const whole = Math.floor(scaled / 100)
  return `${whole}${hundredths[scaled - whole * 100] ?? ''}`
}
