import type { TestCallbackRequest, TestCallbackResult } from '../admin/api.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { RingbackError } from '../errors.ts'
import { newCallId, sampleBody } from '../sample/body.ts'
import { dial } from '../sample/dial.ts'
import { sampleFor, signedHeaders, signingKey, usualDialect } from '../sample/signed-request.ts'

export interface TestCallbackParts {
  readonly clock: Clock
  /** What is in force. */
  readonly config: () => Config
  /** What the provider dials, without a slash at the end. */
  readonly publicBase: () => string
  /** `HOST:PORT` as bound. */
  readonly publicAddress: string
  readonly isSecure: boolean
}

/** Sends a signed sample callback through the daemon's own public port, so that every step of a real one is taken. */
export function createTestCallback(
  parts: TestCallbackParts,
): (request: TestCallbackRequest) => Promise<TestCallbackResult> {
  return async (request) => {
    const account = accountOf(parts.config(), request.account)
    const path = pathOf(account, request)
    const trunk = account.trunks.find(({ id }) => id === request.trunk)
    const dialect = request.dialect ?? usualDialect(account, trunk)
    const fields = request.fields ?? {}
    const callId = fields['call_id'] ?? fields['CallUUID'] ?? newCallId()
    const sample = sampleFor(dialect, { ...request, account: account.id, callId })
    const body = sampleBody(sample, fields)
    const signedUrl = new URL(parts.publicBase() + path)
    const headers = signedHeaders({
      dialect,
      secret: signingKey(account, dialect, trunk),
      signedUrl,
      body,
      contentType: sample.contentType,
      nowSeconds: Math.floor(parts.clock.wall() / 1000),
    })
    const url = new URL(`${parts.isSecure ? 'https' : 'http'}://${onThisMachine(parts.publicAddress)}${path}`)
    try {
      const reply = await dial(url, { headers, body, host: signedUrl.host, isOwnPort: true })
      const { status, ms, contentType } = reply
      return { url: signedUrl.href, call_id: callId, status, ms, content_type: contentType, body: reply.body }
    } catch (cause) {
      throw new RingbackError('unreachable', `The public port does not answer: ${String(cause)}.`, { cause })
    }
  }
}

type Account = Config['accounts'][number]

function accountOf(config: Config, id: string | undefined): Account {
  const account = id === undefined ? config.accounts[0] : config.accounts.find((each) => each.id === id)
  if (account !== undefined) return account
  throw new RingbackError(
    'usage',
    id === undefined
      ? 'The configuration has no account, so there is no key to sign with.'
      : `There is no account ${id}.`,
  )
}

function pathOf(account: Account, { application, trunk }: TestCallbackRequest): string {
  const base = `/vobiz/${account.id}`
  if (application !== undefined) {
    mustKnow(account.applications, application, 'application')
    return `${base}/applications/${application}`
  }
  if (trunk === undefined) return base
  mustKnow(account.trunks, trunk, 'trunk')
  return `${base}/trunks/${trunk}`
}

function mustKnow(items: readonly { readonly id: string }[], id: string, what: string): void {
  if (items.some((item) => item.id === id)) return
  throw new RingbackError('usage', `The account has no ${what} ${id}.`)
}

/** An address to dial for one that was bound: everywhere means here. */
export function onThisMachine(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')
}
