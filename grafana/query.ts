import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'

/** One PromQL expression of a panel; `{{label}}` in the legend stands for a label's value. */
export interface Query {
  readonly expr: string
  readonly legend?: string
  /** Points that lead to a callback, where the metrics have them. */
  readonly hasExemplars?: boolean
}

export const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }

const process = 'job=~"$job", instance=~"$instance"'
const route = `${process}, route=~"$route"`

/** Selects by the variables of the dashboard: `metric{job…, instance…, more}`. */
export function ofProcess(metric: string, more = ''): string {
  return `${metric}{${process}${more === '' ? '' : `, ${more}`}}`
}

/** The same for the chosen routes. */
export function ofRoute(metric: string, more = ''): string {
  return `${metric}{${route}${more === '' ? '' : `, ${more}`}}`
}

export function rate(selector: string): string {
  return `rate(${selector}[$__rate_interval])`
}

/**
 * The largest of each group, for those that were above zero in the chosen time: with a thousand routes, the few that had
 * trouble, over the whole of it.
 */
export function troubled(by: string, selector: string): string {
  const ever = `max by (${by}) (max_over_time(${selector}[$__range] @ end())) > 0`
  return `max by (${by}) (${selector}) and on (${by}) (${ever})`
}

/** Callbacks whose live passage has ended: neither refused nor filtered, and each counted once. */
const ended = 'result=~"delivered|rescued|failed"'

/** Share of callbacks that a handler took while the provider waited; no series where there was no traffic. */
export function successRatio(by: string, range = '$__rate_interval'): string {
  const taken = `sum ${by}(rate(${ofRoute('ringback_deliveries_total', 'result="delivered"')}[${range}]))`
  const all = `sum ${by}(rate(${ofRoute('ringback_deliveries_total', ended)}[${range}]))`
  return `${taken} / (${all} > 0)`
}

/** A quantile of a histogram of the chosen routes; no series where nothing was measured. */
export function quantile(q: number, by: string, buckets: string): string {
  return `histogram_quantile(${q}, sum by (${['le', by].filter(Boolean).join(', ')}) (${rate(buckets)}))`
}

type Shape = 'range' | 'instant' | 'table' | 'heatmap'

export function target(query: Query, index: number, shape: Shape): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .datasource(datasource)
    .refId(String.fromCodePoint(65 + index))
    .expr(query.expr)
    .legendFormat(query.legend ?? '')
    .exemplar(query.hasExemplars === true)
  switch (shape) {
    case 'range':
      return builder.range()
    case 'instant':
      return builder.instant()
    case 'table':
      return builder.instant().format(PromQueryFormat.Table)
    case 'heatmap':
      return builder.range().format(PromQueryFormat.Heatmap)
  }
}
