import type { FieldPath } from '../problem.ts'
import type { Secret } from '../secret.ts'
import { isAllowed, isPrivateHost, rangeToAllow } from './address-ranges.ts'
import type { Check } from './check.ts'
import { areRoutesKnown } from './known-ids.ts'

/** Will people be told? */
export function checkNotify(check: Check): void {
  const { slack, email, webhook, fallback, heartbeat } = check.config.notify
  if (channelsOf(check).length === 0) {
    check.warning(['notify'], 'has no channel, so nobody is told when callbacks break; add slack or email')
  }
  if (slack !== undefined) checkUrl(slack.webhook_url, ['notify', 'slack', 'webhook_url'], check)
  if (webhook !== undefined) checkUrl(webhook.url, ['notify', 'webhook', 'url'], check)
  checkReferences(check)
  if (email?.ca_file !== undefined) checkReadable(email.ca_file, ['notify', 'email', 'ca_file'], check)
  if (fallback !== undefined) checkFallback(fallback.channel, check)
  if (heartbeat !== undefined) checkUrl(heartbeat.url, ['notify', 'heartbeat', 'url'], check)
  checkSummaries(check)
}

/** A summary must have somewhere to go. */
function checkSummaries(check: Check): void {
  for (const name of ['daily_summary', 'weekly_summary'] as const) {
    const channels = check.config.notify[name]?.channels
    if (channels === undefined || channels.some((each) => channelsOf(check).includes(each))) continue
    if (check.isBroken(['notify', name, 'channels'])) continue
    check.problem(['notify', name], `goes to ${channels.join(' or ')}, which is not configured`)
  }
}

function checkUrl(secret: Secret, path: FieldPath, { config, problem }: Check): void {
  const url = URL.parse(secret.reveal())
  if (url === null) return
  const isPrivate = isPrivateHost(url.hostname)
  if (url.protocol === 'http:' && !isPrivate) problem(path, `${secret.source} must be an https URL`)
  if (isPrivate && !isAllowed(url.hostname, config.allow_targets)) {
    problem(
      path,
      `${secret.source} points at a private address; to allow it write allow_targets: [${rangeToAllow(url.hostname)}]`,
    )
  }
}

type Channel = 'slack' | 'email' | 'webhook' | 'pagerduty' | 'alertmanager'

function channelsOf({ config, isBroken }: Check): readonly Channel[] {
  const all = ['slack', 'email', 'webhook', 'pagerduty', 'alertmanager'] as const
  return all.filter((name) => config.notify[name] !== undefined || isBroken(['notify', name]))
}

function checkFallback(channel: Channel, check: Check): void {
  const path = ['notify', 'fallback', 'channel']
  const channels = channelsOf(check)
  if (!channels.includes(channel)) {
    check.problem(path, `${channel} is not configured; add notify.${channel}`)
  } else if (channels.length === 1) {
    const other = channel === 'slack' ? 'email' : 'slack'
    check.problem(
      path,
      `stands in for ${other}, which is not configured; add notify.${other} or take fallback away`,
    )
  }
}

/** Routes and channels that alerts speak of must exist. */
function checkReferences(check: Check): void {
  const { config, problem, isBroken } = check
  const ids = routeIdsOf(config)
  const isUnknown = (id: string): boolean => !ids.has(id) && areRoutesKnown(check)
  for (const route of Object.keys(config.alerts.routes).filter(isUnknown)) {
    problem(['alerts', 'routes', route], 'is not the id of a route')
  }
  for (const [index, { routes }] of config.alerts.maintenance.entries()) {
    const path = ['alerts', 'maintenance', index, 'routes']
    if (isBroken(path)) continue
    for (const route of routes.filter(isUnknown)) problem(path, `${route} is not the id of a route`)
  }
  const path = ['alerts', 'escalation', 'channels']
  for (const channel of config.alerts.escalation?.channels ?? []) {
    if (channelsOf(check).includes(channel) || isBroken(path)) continue
    problem(path, `${channel} is not configured; add notify.${channel}`)
  }
}

function routeIdsOf({ accounts, routes }: Check['config']): ReadonlySet<string> {
  const ofAccounts = accounts.flatMap(({ id, applications, trunks }) => [
    id,
    `${id}.calls`,
    ...[...applications, ...trunks].map((each) => each.id),
  ])
  return new Set([...ofAccounts, ...routes.map(({ id }) => id)])
}

function checkReadable(file: string, path: FieldPath, { problem, readFile }: Check): void {
  try {
    if (!readFile(file).text.includes('-----BEGIN ')) problem(path, 'is not a PEM file')
  } catch {
    problem(path, 'cannot be read')
  }
}
