import { randomBytes } from 'node:crypto'

import type { Current } from './current.ts'
import { createApiFront } from '../capture/api-front.ts'
import { CapturedUrls } from '../capture/captured-urls.ts'
import { type AnswerRewriter, createAnswerRewriter } from '../capture/rewrite-answer.ts'
import { createApiServer } from '../capture/server.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { hostAndPort } from '../config/units.ts'
import { createRelay } from '../forward/relay.ts'
import type { Resolver } from '../forward/resolve.ts'
import type { Ledger, Registration } from '../ledger/ledger.ts'
import type { Log } from '../log.ts'
import { listening } from './port-problem.ts'
import { callRouteId } from '../routing/build-route.ts'

export interface CaptureSources {
  readonly clock: Clock
  readonly current: Current
  readonly ledger: Ledger
  readonly registrations: readonly Registration[]
  readonly resolver: Resolver
  readonly log: Log['pino']
}

/** Capture of callback URLs: in XML answers, and on their way to the provider's API. */
export interface Capture {
  readonly rewriteAnswer: AnswerRewriter
  /** Opens the port in front of the API, if the configuration names one; resolves with its address. */
  listen(capture: Config['capture']): Promise<string | undefined>
  /** Lets requests to the API end until `graceMs` is over. */
  close(graceMs: number): Promise<void>
}

export function createCapture(sources: CaptureSources): Capture {
  const { clock, current, ledger, registrations, log } = sources
  const hosts = (): readonly string[] => current.loaded.config.capture?.target_hosts ?? []
  const urls = new CapturedUrls({
    clock,
    calls: () => current.policy.table.registrations,
    publicBase: () => current.policy.publicBase,
    store: ledger.registrations,
    isWritable: () => ledger.writer.health().isWritable,
    registrations,
    newToken: () => randomBytes(24).toString('base64url'),
    onProblem: (problem) =>
      log.error({ problem }, 'A URL COULD NOT BE CAPTURED; its callbacks pass by Ringback'),
  })
  const closers: ((graceMs: number) => Promise<void>)[] = []
  return {
    rewriteAnswer: createAnswerRewriter({
      urls,
      hosts,
      routeOf: (id) => current.policy.table.routeOf(id),
      onProblem: (problem) => log.error({ problem }, 'URLS NOT CAPTURED; their callbacks pass by Ringback'),
    }),
    async listen(capture) {
      if (capture === undefined) return undefined
      const { relay, basePath } = relayTo(capture.api_base, sources)
      const server = createApiServer(
        createApiFront({
          relay,
          basePath,
          urls,
          settings: () => ({
            hosts: hosts(),
            directFallback: current.loaded.config.capture?.direct_fallback ?? false,
          }),
          routeOfAccount: (account) => current.policy.table.routeOf(callRouteId(account)),
          events: frontEvents(log),
        }),
      )
      closers.push(async (graceMs) => {
        await server.close(graceMs)
        await relay.close()
      })
      return listening('capture.listen', capture.listen, () => server.listen(hostAndPort(capture.listen)))
    },
    async close(graceMs) {
      for (const close of closers) await close(graceMs)
    },
  }
}

function relayTo(
  apiBase: string,
  { clock, resolver, current }: CaptureSources,
): { readonly relay: ReturnType<typeof createRelay>; readonly basePath: string } {
  const { origin, pathname } = new URL(apiBase)
  const policy = { refusal: (address: string) => current.addresses.refusal(address) }
  return { relay: createRelay(origin, { clock, resolver, policy }), basePath: pathname.replace(/\/+$/, '') }
}

function frontEvents(log: Log['pino']): Parameters<typeof createApiFront>[0]['events'] {
  return {
    captured: (account, resource, fields) => log.info({ account, resource, fields }, 'URLs captured'),
    notStored: (account, resource, fields) =>
      log.error(
        { account, resource, fields },
        'URLS NOT CAPTURED: the ledger did not write them; their callbacks pass by Ringback',
      ),
    unreachable: (problem) => log.warn({ problem }, 'the provider’s API gave no answer'),
    failed: (error) => log.error({ err: error }, 'a request to the provider’s API failed'),
  }
}
