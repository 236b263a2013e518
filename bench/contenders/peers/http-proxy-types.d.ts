declare module 'http-proxy' {
  import type { Agent } from 'node:http'

  interface ProxyServer {
    on(event: 'error', listener: (error: Error) => void): this
    listen(port: number, host: string): this
  }
  const httpProxy: { createProxyServer(options: { target: string; agent: Agent }): ProxyServer }
  export default httpProxy
}
