/** The elements that a Response may hold (https://vobiz.ai/docs/xml/response). */
export const verbs: ReadonlySet<string> = new Set([
  'Conference',
  'DTMF',
  'Dial',
  'Gather',
  'Hangup',
  'Play',
  'PreAnswer',
  'Record',
  'Redirect',
  'Speak',
  'Stream',
  'Wait',
])

/** What a document that is only to be heard may hold: waitSound, confirmSound and dialMusic. */
export const soundVerbs: ReadonlySet<string> = new Set(['Play', 'Speak', 'Wait'])

/** What may stand inside a verb. Verbs that are not named here are not looked into: Speak holds SSML. */
export const nested: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Dial', new Set(['Number', 'User'])],
  ['Gather', soundVerbs],
  ['PreAnswer', soundVerbs],
])

/** Attributes that hold a URL for the provider to dial. */
export const urlAttributes: ReadonlySet<string> = new Set([
  'action',
  'callbackUrl',
  'confirmSound',
  'interimSpeechResultsCallback',
  'statusCallbackUrl',
  'transcriptionUrl',
  'waitSound',
])

/** Elements whose text is a URL for the provider to dial. */
export const urlElements: ReadonlySet<string> = new Set(['Redirect'])
