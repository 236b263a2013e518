/** A file that uses nearly every section, for docs/configuration.md. A test loads it. */
export const completeExample = `# ringback.yaml
public_url: https://callbacks.example.com        # what Vobiz dials; URL signatures are checked against it
listen: 0.0.0.0:8080                             # public port: callbacks only
admin:
  listen: 127.0.0.1:8081                         # UI, API, /metrics, /healthz, /readyz
  tokens: [{ name: ops, role: admin, token: { env: RINGBACK_ADMIN_TOKEN } }]
store: sqlite:data/ringback.db                   # or postgres://…
allow_targets: [10.0.0.0/8]                      # private ranges that may be dialled; all others are refused
defaults: { deadline: 3s, on_failure: rescue }   # relay | rescue ; for xml kinds always relay or a static document
rescue: { schedule: [1s, 5s, 30s, 2m, 10m, 1h, 3h, 6h, 6h, 6h] }
ledger: { durability: full, keep: 30d, max_size: 20GB, bodies: redacted }   # bodies: full | redacted | none (a waiting rescue keeps its bytes)
accounts:
  - id: MA_TEST123
    webhook_secret: { env: VOBIZ_WEBHOOK_SECRET } # dialect with timestamp and body
    auth_token: { env: VOBIZ_AUTH_TOKEN }         # dialects V2 and V3
    signature: enforce                            # enforce | warn | off
    default_callback_url: https://api.example.com/webhooks/vobiz
    applications:
      - id: app-12345
        name: Customer Support App
        callback_url: https://api.example.com/webhooks/vobiz/calls
        callback_method: POST
        fallback_callback_url: https://backup.example.com/webhooks/vobiz/calls
        callback_events: [call.initiated, call.answered, call.completed, recording.completed]   # empty: all
        callback_headers: { X-API-Key: { env: HANDLER_API_KEY } }
    trunks:
      - id: trunk-7
        status_callback: https://api.example.com/webhooks/trunk-events
        status_callback_method: POST
        status_callback_events: [call.initiated, call.completed, call.failed]
routes:                                          # anything else: a path prefix in front of any handler
  - id: ivr
    path: /ivr/
    target: http://10.0.0.5:5000/                # rest of path and query are kept
    fallback_target: http://10.0.0.6:5000/
    account: MA_TEST123                          # whose keys verify and re-sign
    signature: enforce
    kind: xml                                    # auto (default, per request) | notify | xml
    deadline: 10s
    static_reply: <Response><Speak>Please call again later.</Speak></Response>
alerts: { consecutive_failures: 3, resolve_after: 2, repeat_every: 4h }
notify:
  slack: { webhook_url: { env: SLACK_WEBHOOK_URL } }
  email: { smtp_url: { env: SMTP_URL }, from: ringback@example.com, to: [ops@example.com] }
  fallback: { after_failures: 3, channel: email }  # when a channel cannot deliver
`
