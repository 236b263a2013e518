import { filledIn } from '../../test/support/dashboard-panels.ts'
import type { Prometheus, RangeSample } from '../../test/support/prometheus.ts'
import type { PanelData, PanelModel, Series } from './model.ts'

export interface Span {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** Asks a panel's queries as Grafana would, over the span or, for a table, at its end. */
export async function panelData(
  prometheus: Prometheus,
  panel: PanelModel,
  { span, variables }: { readonly span: Span; readonly variables: Readonly<Record<string, string>> },
): Promise<PanelData> {
  const answers = (panel.targets ?? []).map(async ({ expr, refId, legendFormat }) => {
    const filled = filledIn(expr, variables)
    const found: readonly RangeSample[] =
      panel.type === 'table'
        ? (await prometheus.query(filled, span.to)).map(({ labels, value }) => ({
            labels,
            points: [[span.to, value]],
          }))
        : await prometheus.queryRange(filled, span)
    return found.map(({ labels, points }): Series => ({
      name: named(legendFormat, labels),
      labels,
      refId,
      points,
    }))
  })
  return {
    panel,
    series: (await Promise.all(answers)).flat().filter(({ points }) => points.length > 0),
    from: span.from,
    to: span.to,
  }
}

function named(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => labels[name] ?? '').trim()
}
