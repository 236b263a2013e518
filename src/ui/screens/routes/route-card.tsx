import type { RouteReport } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { count, percent } from '../../format/amount.ts'
import { duration, span } from '../../format/time.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { Badge } from '../../parts/mark.tsx'
import { Moment } from '../../parts/moment.tsx'
import { HealthBars } from './health-bars.tsx'
import { routeState } from './route-state.ts'

const scopeWords: Readonly<Record<string, string>> = {
  account: 'account default',
  application: 'application',
  trunk: 'trunk',
  call: 'per call',
  path: 'path',
}

/** One route: how it is doing, where it leads, what to paste at the provider. */
export function RouteCard(props: {
  readonly route: RouteReport
  readonly incidentId: string | undefined
  readonly isChosen: boolean
  readonly windowMs: number
}) {
  const { route, incidentId, isChosen, windowMs } = props
  const { tone, word } = routeState(route, incidentId !== undefined)
  return (
    <article className="panel route-card" data-chosen={isChosen} aria-label={`Route ${route.id}`}>
      <header>
        <h2 className="foreign">{route.id}</h2>
        <span className="faint">{scopeWords[route.scope] ?? route.scope}</span>
        <span className="state">
          {incidentId === undefined ? (
            <Badge tone={tone} word={word} />
          ) : (
            <a href={addressOf(['incidents', incidentId])}>
              <Badge tone={tone} word={word} />
            </a>
          )}
        </span>
      </header>
      {route.public_url !== null && (
        <p className="copyable public-url">
          <span className="mono clip foreign" title={route.public_url}>
            {route.public_url}
          </span>
          <CopyButton text={route.public_url} what={`the public URL of ${route.id}`} />
        </p>
      )}
      <HealthBars history={route.history} />
      <p className="health-axis">
        <span>{span(windowMs)} ago</span>
        <span>now</span>
      </p>
      <Numbers route={route} />
      <Targets route={route} />
      <footer>
        <a href={addressOf(['search'], { q: `route:${route.id}` })}>All callbacks</a>
        <a href={addressOf(['search'], { q: `route:${route.id} is:failed` })}>Failures</a>
        <a href={addressOf(['live'], { route: route.id })}>Live</a>
        <a href={addressOf(['rules'], { route: route.id })}>Alert rules</a>
      </footer>
    </article>
  )
}

function Numbers({ route: { summary } }: { readonly route: RouteReport }) {
  if (summary === null) return <p className="soft quiet-route">Nothing came in this window.</p>
  const { callbacks, failed } = summary
  return (
    <dl className="route-numbers numbers">
      <div>
        <dt>Success</dt>
        <dd>{percent(callbacks - failed, callbacks)}</dd>
      </div>
      <div>
        <dt>Callbacks</dt>
        <dd>{count(callbacks)}</dd>
      </div>
      <div>
        <dt>Failed</dt>
        <dd data-bad={failed > 0}>{count(failed)}</dd>
      </div>
      {(['p50', 'p95', 'p99'] as const).map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{orNone(summary[`${name}_ms`], duration)}</dd>
        </div>
      ))}
    </dl>
  )
}

function Targets({ route }: { readonly route: RouteReport }) {
  const lastSuccessAt = route.summary?.last_success_at ?? null
  return (
    <ul className="targets">
      {route.targets.map(({ role, url, failures, is_skipped: isSkipped }) => (
        <li key={role}>
          <span className="faint">{role}</span>
          <span className="mono clip foreign" title={url}>
            {url}
          </span>
          <span className="target-state">
            {isSkipped && <Badge tone="warn" word="Breaker open" />}
            <Streak failures={failures} threshold={route.alert_after} />
          </span>
        </li>
      ))}
      <li>
        <span className="faint">last success</span>
        <span>
          {lastSuccessAt === null ? 'none in this window' : <Moment at={lastSuccessAt} how="ago" />}
        </span>
      </li>
    </ul>
  )
}

/** How near an alert is: `2 of 3`, with as many marks. */
function Streak({ failures, threshold }: { readonly failures: number; readonly threshold: number }) {
  if (failures === 0) return <span className="faint">no failures in a row</span>
  return (
    <span className="streak" data-full={failures >= threshold}>
      {Array.from({ length: Math.min(threshold, 10) }, (_, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- marks have no other name than their place
        <span key={at} className="streak-mark" data-on={at < failures} />
      ))}
      {failures < threshold ? `${failures} of ${threshold}` : `${failures} in a row`}
    </span>
  )
}

function orNone(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}
