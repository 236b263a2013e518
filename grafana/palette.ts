// One colour for one meaning, on every dashboard: green arrived, orange waits, red is lost or broken, grey was not ours to deliver.
const GREEN = '#56A64B'
const LIGHT_GREEN = '#96D98D'
const ORANGE = '#FF9830'
const YELLOW = '#F2CC0C'
const RED = '#E02F44'
const DARK_RED = '#AD0317'
const PURPLE = '#8F3BB8'
const BLUE = '#3274D9'
const LIGHT_BLUE = '#8AB8FF'
const GREY = '#8E8E8E'

export const good = GREEN
export const warning = ORANGE
export const bad = RED

/** Series name to colour: outcomes, results, verdicts, blames, codes, targets and quantiles. */
export const palette: Readonly<Record<string, string>> = {
  ok: GREEN,
  http_3xx: YELLOW,
  http_4xx: ORANGE,
  http_429: YELLOW,
  http_5xx: RED,
  timeout_connect: PURPLE,
  timeout_response: PURPLE,
  dns: DARK_RED,
  refused: DARK_RED,
  reset: DARK_RED,
  tls: DARK_RED,
  protocol: DARK_RED,
  bad_xml: ORANGE,
  blocked_target: BLUE,
  circuit_open: LIGHT_BLUE,
  unknown: GREY,
  delivered: GREEN,
  delivered_late: LIGHT_GREEN,
  rescued: ORANGE,
  dead: DARK_RED,
  failed: RED,
  rejected: GREY,
  filtered: LIGHT_BLUE,
  verified: GREEN,
  warned: ORANGE,
  unchecked: LIGHT_BLUE,
  repeated: YELLOW,
  unknown_path: GREY,
  method: GREY,
  malformed: GREY,
  too_large: ORANGE,
  basic_auth: RED,
  address: LIGHT_BLUE,
  overloaded: YELLOW,
  ledger_unavailable: DARK_RED,
  signature_missing: RED,
  signature_bad: RED,
  timestamp_bad: PURPLE,
  timestamp_stale: PURPLE,
  nonce_reused: DARK_RED,
  provider: BLUE,
  proxy: RED,
  handler: ORANGE,
  config: PURPLE,
  sent: GREEN,
  late: YELLOW,
  primary: BLUE,
  fallback: ORANGE,
  p50: LIGHT_BLUE,
  p95: BLUE,
  p99: PURPLE,
  limit: RED,
}
