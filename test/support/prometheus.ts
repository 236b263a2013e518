import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { freePort } from './start-ringback.ts'

const START_LIMIT_MS = 20_000
const FACT_LIMIT_MS = 20_000

/** One series of an answer, at the time of the query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One series of an answer, over a time. */
export interface RangeSample {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since the epoch, and the value then. */
  readonly points: readonly (readonly [at: number, value: number])[]
}

export interface PrometheusOptions {
  /** Job to `HOST:PORT`, scraped every second. */
  readonly jobs: Readonly<Record<string, string>>
  /** Paths from the root of the repository. */
  readonly rules: readonly string[]
}

/** A Prometheus server of its own, on loopback, that scrapes and evaluates rules every second. */
export class Prometheus implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #url: string
  readonly #folder: string

  private constructor(child: ChildProcess, url: string, folder: string) {
    this.#child = child
    this.#url = url
    this.#folder = folder
  }

  static async start({ jobs, rules }: PrometheusOptions): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'ringback-prometheus-'))
    const config = join(folder, 'prometheus.yml')
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: rules.map((file) => resolve(file)),
        scrape_configs: Object.entries(jobs).map(([name, address]) => ({
          job_name: name,
          static_configs: [{ targets: [address] }],
        })),
      }),
    )
    const address = `127.0.0.1:${await freePort()}`
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--enable-feature=exemplar-storage',
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const killChild = (): boolean => child.kill('SIGKILL')
    process.once('exit', killChild)
    child.once('exit', () => process.off('exit', killChild))
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
    const prometheus = new Prometheus(child, `http://${address}`, folder)
    const limit = Date.now() + START_LIMIT_MS
    while (!(await prometheus.#isReady())) {
      if (child.exitCode !== null || Date.now() > limit) {
        await prometheus[Symbol.asyncDispose]()
        throw new Error(`prometheus did not start; it wrote:\n${log}`)
      }
      await sleep(50)
    }
    return prometheus
  }

  /**
   * Evaluates an expression, now or at a moment (seconds since the epoch). Throws with Prometheus' own words when it
   * cannot be evaluated.
   */
  async query(expr: string, at?: number): Promise<readonly Sample[]> {
    const data = await this.#get('query', { query: expr, ...(at === undefined ? {} : { time: String(at) }) })
    const { result } = data as { result: { metric: Record<string, string>; value: [number, string] }[] }
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  /** Evaluates an expression every `step` seconds between two moments. */
  async queryRange(
    expr: string,
    { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
  ): Promise<readonly RangeSample[]> {
    const range = { query: expr, start: String(from), end: String(to), step: String(step) }
    const { result } = (await this.#get('query_range', range)) as {
      result: { metric: Record<string, string>; values: [number, string][] }[]
    }
    return result.map(({ metric, values }) => ({
      labels: metric,
      points: values.map(([at, value]) => [at, Number(value)]),
    }))
  }

  /** Label sets of the exemplars of an expression's series, over the last hour. */
  async exemplars(expr: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const now = Date.now() / 1000
    const series = (await this.#get('query_exemplars', {
      query: expr,
      start: String(now - 3600),
      end: String(now + 60),
    })) as { exemplars: { labels: Record<string, string> }[] }[]
    return series.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels))
  }

  async labelValues(label: string, selector: string): Promise<readonly string[]> {
    return (await this.#get(`label/${label}/values`, { 'match[]': selector })) as string[]
  }

  /** Alerts that are pending or firing, with their rendered annotations. */
  async alerts(): Promise<
    readonly { labels: Record<string, string>; annotations: Record<string, string> }[]
  > {
    const { alerts } = (await this.#get('alerts', {})) as {
      alerts: { labels: Record<string, string>; annotations: Record<string, string> }[]
    }
    return alerts
  }

  /** Waits until an expression yields a series, as a comparison does when it holds. */
  async until(expr: string): Promise<void> {
    const limit = Date.now() + FACT_LIMIT_MS
    while ((await this.query(expr)).length === 0) {
      if (Date.now() > limit) throw new Error(`never true in ${FACT_LIMIT_MS / 1000} s: ${expr}`)
      await sleep(100)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL')
      await once(this.#child, 'exit')
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.#url}/-/ready`)
      await response.body?.cancel()
      return response.ok
    } catch {
      return false
    }
  }

  async #get(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`)
    const answer = (await response.json()) as { status: string; error?: string; data?: unknown }
    if (answer.status !== 'success')
      throw new Error(`${answer.error ?? 'refused'}: ${JSON.stringify(parameters)}`)
    return answer.data
  }
}
