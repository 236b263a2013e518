/** Path that Vobiz would be given; every contender is sent the same requests. */
export const CALLBACK_PATH = '/vobiz/MA_TEST123'

export interface RingbackFacts {
  readonly port: number
  readonly adminPort: number
  readonly upstreamPort: number
  readonly store: string
  readonly durability: 'background' | 'answer' | 'full'
  /** Applications, each with a route of its own; the requests go round them. */
  readonly routes: number
  readonly signature: 'enforce' | 'off'
  readonly logLevel: 'info' | 'error'
  /** Processes that serve the public port beside the one that keeps everything; by default that one does it itself. */
  readonly workers?: number
  /** Each application has a URL of its own, so that each can fail by itself; by default all share one. */
  readonly ownUrls?: boolean
  /** A route below `/unsigned/` that anybody may call, beside those of the account. */
  readonly hasUnsigned?: boolean
  /** More top-level lines. */
  readonly more?: string
}

/** Ringback with everything on unless the facts say otherwise: signatures, ledger, metrics, alerts, log. */
export function ringbackConfig(facts: RingbackFacts): string {
  const url = `http://127.0.0.1:${facts.upstreamPort}/webhooks/vobiz`
  const applications = Array.from({ length: facts.routes }, (_, n) => {
    const id = `app-${String(n).padStart(4, '0')}`
    return `      - { id: ${id}, callback_url: '${facts.ownUrls === true ? `${url}/${id}` : url}' }\n`
  })
  return `public_url: http://localhost:${facts.port}
listen: 127.0.0.1:${facts.port}
admin: { listen: "127.0.0.1:${facts.adminPort}" }
store: ${JSON.stringify(`sqlite:${facts.store}`)}
allow_targets: [127.0.0.0/8]
ledger: { durability: ${facts.durability} }
log: { level: ${facts.logLevel} }
workers: ${facts.workers ?? 1}
accounts:
  - id: MA_TEST123
    webhook_secret: { env: BENCH_WEBHOOK_SECRET }
    signature: ${facts.signature}
    default_callback_url: ${url}
    applications:
${applications.join('')}${facts.hasUnsigned === true ? unsignedRoute(url) : ''}${facts.more ?? ''}`
}

function unsignedRoute(url: string): string {
  return `routes:\n  - { id: unsigned, path: /unsigned/, target: '${url}/', signature: 'off', kind: notify }\n`
}

/** nginx as one would put it in front of a handler: kept-alive upstream connections and an access log. */
export function nginxConfig(facts: { port: number; upstreamPort: number; folder: string }): string {
  // As root the worker would change to a user that may not enter the scratch folder.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${facts.folder}/nginx-${kind};`)
    .join('\n  ')
  return `${user}
worker_processes 1;
daemon off;
pid ${facts.folder}/nginx.pid;
events { worker_connections 1024; }
http {
  ${temporary}
  access_log ${facts.folder}/nginx-access.log;
  keepalive_requests 100000000;
  upstream handler {
    server 127.0.0.1:${facts.upstreamPort};
    keepalive 64;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${facts.port};
    location / {
      proxy_pass http://handler;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
}

/** HAProxy with one thread, reused upstream connections and its HTTP log. */
export function haproxyConfig(facts: { port: number; upstreamPort: number }): string {
  return `global
  nbthread 1
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  http-reuse always
  timeout connect 1s
  timeout client 30s
  timeout server 30s
listen bench
  bind 127.0.0.1:${facts.port}
  server handler 127.0.0.1:${facts.upstreamPort}
`
}
