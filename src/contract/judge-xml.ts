import { SaxesParser, type SaxesTagPlain } from 'saxes'

import type { FoundFault } from '../callback/answer-fault.ts'
import { readText } from './read-text.ts'
import { nested, soundVerbs, urlAttributes, urlElements, verbs } from './xml-verbs.ts'

export interface XmlRules {
  /** The document is only to be heard: it may hold no verb that steers the call. */
  readonly isSound: boolean
  /** URLs without a host are made whole before the provider sees them. */
  readonly mayBeRelative: boolean
}

/** Ends the reading at the first fault that drops a call; nothing after it matters. */
class Fault extends Error {
  readonly found: FoundFault

  constructor(found: FoundFault) {
    super(found.error)
    this.found = found
  }
}

/**
 * What is wrong with a document, if anything. Reads each character once and expands no entity but XML's own five, so
 * that the time depends on the length alone, which the caller bounds.
 */
export function judgeXml(bytes: Uint8Array, rules: XmlRules): FoundFault | undefined {
  const text = readText(bytes)
  if (text === undefined) return drops('not_well_formed', 'is not in the encoding that it says it is in')
  const reading = new Reading(rules)
  try {
    reading.read(text)
  } catch (error) {
    if (error instanceof Fault) return error.found
    throw error
  }
  return reading.note
}

class Reading {
  /** A fault that is worth a note and no more. */
  note: FoundFault | undefined
  readonly #rules: XmlRules
  readonly #open: string[] = []
  /** Text of an element that holds a URL. */
  #url: string | undefined

  constructor(rules: XmlRules) {
    this.#rules = rules
  }

  read(text: string): void {
    const parser = new SaxesParser()
    parser.on('error', () => {
      throw new Fault(
        drops('not_well_formed', `is not well-formed XML (line ${parser.line}, column ${parser.column})`),
      )
    })
    parser.on('opentag', (tag) => this.#onOpen(tag))
    parser.on('closetag', (tag) => this.#onClose(tag.name))
    for (const event of ['text', 'cdata'] as const) {
      parser.on(event, (piece) => {
        if (this.#url !== undefined) this.#url += piece
      })
    }
    parser.write(text).close()
  }

  #onOpen({ name, attributes }: SaxesTagPlain): void {
    const [root, verb] = this.#open
    if (root === undefined) this.#checkRoot(name)
    else if (verb === undefined) this.#checkVerb(name)
    else if (this.#open.length === 2 && nested.get(verb)?.has(name) === false) {
      throw new Fault(drops('verb', `holds <${shown(name)}> inside <${shown(verb)}>`))
    }
    this.#open.push(name)
    if (verb === 'Speak') return // SSML
    for (const [attribute, value] of Object.entries(attributes)) {
      if (urlAttributes.has(attribute) || isMusicUrl(attribute, value))
        this.#checkUrl(`${attribute} of <${shown(name)}>`, value)
    }
    if (urlElements.has(name)) this.#url = ''
  }

  #onClose(name: string): void {
    this.#open.pop()
    if (this.#url === undefined || !urlElements.has(name)) return
    this.#checkUrl(`the text of <${shown(name)}>`, this.#url.trim())
    this.#url = undefined
  }

  #checkRoot(name: string): void {
    if (name !== 'Response')
      throw new Fault(drops('root', `begins with <${shown(name)}>, not with <Response>`))
  }

  #checkVerb(name: string): void {
    if (!verbs.has(name)) throw new Fault(drops('verb', `holds <${shown(name)}>, which Vobiz does not know`))
    if (this.#rules.isSound && !soundVerbs.has(name)) {
      throw new Fault(drops('verb', `holds <${shown(name)}>, where only Play, Speak and Wait may stand`))
    }
  }

  /** An empty attribute is no URL: the provider takes it for none. */
  #checkUrl(what: string, value: string): void {
    if (value === '' && !what.startsWith('the text')) return
    const url = URL.parse(value)
    if (url === null && this.#rules.mayBeRelative && value !== '') return
    if (url === null || !/^https?:\/\//i.test(value)) {
      throw new Fault(drops('url', `has no absolute URL as ${what}`))
    }
    if (url.protocol === 'http:') {
      this.note ??= { fault: 'url', error: `has an http URL as ${what}; use https`, dropsCall: false }
    }
  }
}

/** dialMusic is a URL or the word `real`. */
function isMusicUrl(attribute: string, value: string): boolean {
  return attribute === 'dialMusic' && value !== 'real'
}

export function drops(fault: FoundFault['fault'], error: string): FoundFault {
  return { fault, error, dropsCall: true }
}

/** A name from a stranger's document, short enough for a log line. */
function shown(name: string): string {
  return name.slice(0, 40)
}
