/** What `ringback init` writes as ringback.yaml: small enough to read, complete enough to run. */
export const exampleYaml = `# yaml-language-server: $schema=https://raw.githubusercontent.com/ringback/ringback/main/docs/config.schema.json
# Ringback: every key is described in docs/configuration.md. Check this file with: ringback check

# What Vobiz dials. Signatures cover this URL, so it must be the one that you enter at Vobiz.
public_url: https://callbacks.example.com

listen: 0.0.0.0:8080          # public port: callbacks only

admin:
  listen: 127.0.0.1:8081      # private port: page, API, /metrics, /healthz
  # tokens:                   # needed as soon as it listens beyond this machine
  #   - { name: ops, role: admin, token: { env: RINGBACK_ADMIN_TOKEN } }

store: sqlite:data/ringback.db # several machines share a database: store: { env: RINGBACK_STORE }, postgres://…

# Handlers on private addresses must be allowed here.
allow_targets: []             # such as [10.0.0.0/8]

accounts:
  - id: MA_XXXXXXXX           # your account id at Vobiz
    # Secrets are named here and kept elsewhere: { env: NAME } or { file: PATH }.
    webhook_secret: { env: VOBIZ_WEBHOOK_SECRET }
    auth_token: { env: VOBIZ_AUTH_TOKEN }
    signature: enforce        # enforce | warn | off
    default_callback_url: https://api.example.com/webhooks/vobiz
    # default_fallback_callback_url: https://backup.example.com/webhooks/vobiz
    # applications:
    #   - id: app-12345
    #     callback_url: https://api.example.com/webhooks/vobiz/calls
    #     fallback_callback_url: https://backup.example.com/webhooks/vobiz/calls
    #     callback_events: [call.answered, call.completed]

# Any other handler, behind a path of its own:
# routes:
#   - id: ivr
#     path: /ivr/
#     target: https://ivr.example.com/
#     account: MA_XXXXXXXX
#     kind: xml
#     deadline: 10s
#     static_reply: <Response><Speak>Please call again later.</Speak></Response>

alerts:
  consecutive_failures: 3     # failures in a row before people are told

# notify:
#   slack: { webhook_url: { env: SLACK_WEBHOOK_URL } }
#   email: { smtp_url: { env: SMTP_URL }, from: ringback@example.com, to: [ops@example.com] }
`

/** What `ringback init` writes as .env.example: the names that the file above asks for, with values to replace. */
export const exampleEnv = `# Copy to .env and fill in; never commit the copy. Keys have at least 16 characters.
VOBIZ_WEBHOOK_SECRET=replace-with-your-webhook-secret
VOBIZ_AUTH_TOKEN=replace-with-your-auth-token
# RINGBACK_ADMIN_TOKEN=replace-with-a-long-random-text
# SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T000/B000/XXXX
# SMTP_URL=smtp://user:password@mail.example.com:587
`
