import { fileJsonSchema, holdsSecrets, type SchemaNode } from '../../../src/config/json-schema.ts'

/** Every key of the file, such as `accounts[].trunks[].id`; `*` stands for keys of one's own. */
export function everyKey(): readonly string[] {
  return [...keysBelow(fileJsonSchema(), '')]
}

function* keysBelow(node: SchemaNode, path: string): Generator<string> {
  const { items, properties, additionalProperties: free } = node
  if (holdsSecrets(node)) yield path
  else if (items?.properties !== undefined) yield* keysBelow(items, `${path}[]`)
  else if (typeof free === 'object' && free.properties !== undefined) yield* keysBelow(free, `${path}.*`)
  else if (properties === undefined) yield path
  else
    for (const [key, child] of Object.entries(properties))
      yield* keysBelow(child, path === '' ? key : `${path}.${key}`)
}

const policy =
  'deadline on_failure reply signature dialects resign preserve_host response_contract consecutive_failures static_reply'
const audience = 'severities routes rules quiet_hours timezone'
const rules = {
  consecutive_failures: 'enabled',
  failure_rate: 'enabled above window min_callbacks',
  slow_responses: 'enabled of_deadline above window min_callbacks',
  deadline_misses: 'enabled at_least window',
  no_callbacks: 'enabled after events active_hours timezone quiet_days',
  stuck_calls: 'enabled max_duration at_least',
  signature_failures: 'enabled at_least window',
  fallback_in_use: 'enabled above window min_callbacks',
  backlog_age: 'enabled above',
  dead_letters: 'enabled at_least',
  target_certificate_expiry: 'enabled within',
  ledger_unhealthy: 'enabled after',
  reconciliation: 'enabled at_least',
}

/** What stands here was followed to where it is used, and a reload reaches it there. */
const bySection: Readonly<Record<string, string>> = {
  '': 'public_url provider_addresses allow_targets',
  admin: 'public_metrics',
  'admin.tokens[]': 'name role token',
  defaults: 'deadline margin on_failure reply static_reply resign response_contract',
  rescue: 'schedule concurrency rate max_rows max_bytes order_wait',
  breaker: 'after_failures probe_every',
  ledger: 'keep max_size',
  'accounts[]': `id webhook_secret auth_token parent_auth_token default_callback_url default_callback_method default_fallback_callback_url rewrite_xml ${policy}`,
  'accounts[].basic_auth[]': 'user password',
  'accounts[].applications[]': `id name callback_url callback_method fallback_callback_url callback_events callback_headers rewrite_xml ${policy}`,
  'accounts[].trunks[]': `id status_callback status_callback_method fallback_status_callback status_callback_events signing_secret ${policy}`,
  'routes[]': `id path target fallback_target account kind method events headers rewrite_xml signing_secret ${policy}`,
  'routes[].basic_auth[]': 'user password',
  alerts: 'consecutive_failures resolve_after repeat_every within link_url dashboard_url',
  ...Object.fromEntries(Object.entries(rules).map(([rule, keys]) => [`alerts.rules.${rule}`, keys])),
  ...Object.fromEntries(Object.entries(rules).map(([rule, keys]) => [`alerts.routes.*.${rule}`, keys])),
  'alerts.flapping': 'fires within hold',
  'alerts.maintenance[]': 'name at timezone routes',
  'alerts.escalation': 'after channels',
  'notify.slack': `${audience} webhook_url`,
  'notify.email': `${audience} smtp_url from to require_tls ca_file`,
  'notify.webhook': `${audience} url secret`,
  'notify.pagerduty': `${audience} routing_key url`,
  'notify.alertmanager': `${audience} urls`,
  'notify.digest': 'above within every',
  'notify.heartbeat': 'url every',
  'notify.fallback': 'after_failures channel',
  capture: 'target_hosts direct_fallback',
  reconciliation: 'api_base accounts every lookback settle numbers contexts',
  log: 'level',
}

/** The keys that a reload brings into force. */
export const takenOver: readonly string[] = Object.entries(bySection).flatMap(([section, keys]) =>
  keys.split(' ').map((key) => (section === '' ? key : `${section}.${key}`)),
)
