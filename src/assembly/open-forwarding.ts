import { TargetChanges } from '../alerts/target-changes.ts'
import type { Current } from './current.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { judgeReply } from '../contract/judge-reply.ts'
import type { AddressPolicy } from '../forward/address.ts'
import { type Breaker, createBreaker } from '../forward/breaker.ts'
import { createForwarder, type Forwarder } from '../forward/forward.ts'
import { createOutside, type Outside } from '../forward/outside.ts'
import { createResolver, type Resolver } from '../forward/resolve.ts'
import type { TargetState } from '../metrics/metrics.ts'
import { targetStates } from './target-states.ts'

/** The ways out of the process: to handlers, and to whoever is told of alerts. */
export interface Forwarding {
  readonly resolver: Resolver
  readonly breaker: Breaker
  /** What changed at the servers of targets. */
  readonly changes: TargetChanges
  readonly forwarder: Forwarder
  readonly outsideOf: (policy: AddressPolicy) => Outside
  /** What is known of the targets of every route now. */
  readonly targets: () => Iterable<TargetState>
}

export function openForwarding(
  config: Config,
  { clock, current }: { readonly clock: Clock; readonly current: Current },
): Forwarding {
  const changes = new TargetChanges()
  const resolver = watchedBy(changes, createResolver({ clock }), clock)
  const breaker = createBreaker({
    clock,
    limits() {
      const { after_failures, probe_every } = current.loaded.config.breaker
      return { afterFailures: after_failures, probeEveryMs: probe_every }
    },
  })
  const forwarder = createForwarder({
    clock,
    resolver,
    policy: current.addresses,
    publicUrl: current.policy.publicBase,
    maxReplyBytes: config.defaults.max_reply,
    breaker,
    judgeReply,
    resign: ({ route, callback }, baseUrl) =>
      current.policy.resigners.get(route.account ?? '')?.(callback.headers, baseUrl),
  })
  return {
    resolver,
    breaker,
    forwarder,
    outsideOf: (policy) => createOutside({ resolver, policy, clock }),
    targets: () => targetStates(current.policy.table.routes, { breaker, forwarder }),
    changes,
  }
}

/** The resolver, with its answers told to whoever follows changes; asked only where a connection is made. */
function watchedBy(changes: TargetChanges, resolver: Resolver, clock: Clock): Resolver {
  return {
    addresses(host) {
      const found = resolver.addresses(host)
      if (!(found instanceof Promise)) return found // from the cache, so nothing new
      return found.then((addresses) => {
        changes.resolved(host.toLowerCase(), addresses, clock.wall())
        return addresses
      })
    },
  }
}
