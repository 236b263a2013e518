import { createApiFront } from '../../../src/capture/api-front.ts'
import { CapturedUrls } from '../../../src/capture/captured-urls.ts'
import { createApiServer } from '../../../src/capture/server.ts'
import { systemClock } from '../../../src/clock.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { createRelay } from '../../../src/forward/relay.ts'
import { createResolver } from '../../../src/forward/resolve.ts'
import { createRouteTable } from '../../../src/routing/table.ts'
import { configOf, key } from '../routing/config-of.ts'
import { MemoryStore } from './memory-store.ts'

export interface FrontRig extends AsyncDisposable {
  readonly port: number
  readonly origin: string
  readonly store: MemoryStore
  /** What the front told, in order. */
  readonly told: string[]
  /** May be changed between requests. */
  readonly settings: { hosts: readonly string[]; directFallback: boolean }
}

const table = () =>
  createRouteTable(
    configOf({
      accounts: [{ id: 'MA_TEST123', auth_token: key, default_callback_url: 'https://api.example.com/' }],
    }),
  )

/** The port in front of an API, with a ledger in memory. */
export async function startFront(api: string, allow: readonly string[] = ['127.0.0.0/8']): Promise<FrontRig> {
  const routes = table()
  const store = new MemoryStore()
  const told: string[] = []
  const settings = { hosts: ['api.example.com'] as readonly string[], directFallback: false }
  let tokens = 0
  const relay = createRelay(api, {
    clock: systemClock,
    resolver: createResolver({ clock: systemClock }),
    policy: createAddressPolicy(allow),
  })
  const urls = new CapturedUrls({
    clock: systemClock,
    calls: () => routes.registrations,
    publicBase: () => 'https://cb.example.com',
    store,
    isWritable: () => true,
    registrations: [],
    newToken: () => `token-${String(++tokens).padStart(10, '0')}`,
    onProblem: (problem) => told.push(problem),
  })
  const say =
    (what: string) =>
    (...args: readonly unknown[]): void =>
      void told.push(`${what} ${JSON.stringify(args)}`)
  const server = createApiServer(
    createApiFront({
      relay,
      basePath: '',
      urls,
      settings: () => settings,
      routeOfAccount: (account) => routes.routeOf(`${account}.calls`),
      events: {
        captured: say('captured'),
        notStored: say('not stored'),
        unreachable: say('unreachable'),
        failed: (error) => told.push(`failed ${String(error)}`),
      },
    }),
  )
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    port: Number(address.split(':')[1]),
    origin: `http://${address}`,
    store,
    told,
    settings,
    async [Symbol.asyncDispose]() {
      await server.close(0)
      await relay.close()
    },
  }
}
