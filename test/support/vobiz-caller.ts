import { type Answered, signedPost } from './signed-post.ts'

export interface CallerOptions {
  /** What Ringback says it is dialled at, and where it really is. */
  readonly publicUrl: string
  readonly sendTo: string
  readonly authToken: string
  readonly callId: string
}

/** The provider during one call: dials URLs with signed forms and reads what the answers say to do next. */
export class VobizCaller {
  readonly #options: CallerOptions
  /** Every URL that was dialled. */
  readonly dialled: string[] = []

  constructor(options: CallerOptions) {
    this.#options = options
  }

  async dial(url: string, fields: Readonly<Record<string, string>>): Promise<Answered> {
    const { publicUrl, sendTo, authToken, callId } = this.#options
    this.dialled.push(url)
    if (!url.startsWith(`${publicUrl}/`)) throw new Error(`this URL passes by Ringback: ${url}`)
    const body = new URLSearchParams({
      CallUUID: callId,
      From: '14155551234',
      To: '14155556789',
      Direction: 'inbound',
      ...fields,
    })
    return signedPost({
      dialect: 'v3',
      secret: authToken,
      publicUrl: url,
      sendTo: sendTo + url.slice(publicUrl.length),
      body: body.toString(),
      contentType: 'application/x-www-form-urlencoded',
    })
  }
}

/** What an attribute of an XML answer holds. */
export function attributeOf(xml: string, element: string, attribute: string): string {
  const [, raw = ''] = new RegExp(`<${element}\\b[^>]*\\s${attribute}\\s*=\\s*["']([^"']*)`).exec(xml) ?? []
  return raw.replaceAll('&amp;', '&')
}

/** The text of an element of an XML answer. */
export function textOf(xml: string, element: string): string {
  return (new RegExp(`<${element}\\b[^>]*>([^<]*)<`).exec(xml)?.[1] ?? '').trim().replaceAll('&amp;', '&')
}
