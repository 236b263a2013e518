import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'

import { bad } from './palette.ts'
import type { Panel } from './panels.ts'
import { datasource, ofProcess } from './query.ts'

type VariableName = 'route' | 'target' | 'event'

export interface DashboardSpec {
  /** Stays the same for ever: links and the home dashboard point at it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Besides data source, job and instance. */
  readonly variables: readonly VariableName[]
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[]
}

/** A whole dashboard in Grafana's classic model, with what all of ours have in common. */
export function dashboard({ uid, title, description, variables, rows }: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(`Ringback / ${title}`)
    .uid(uid)
    .description(description)
    .tags(['ringback'])
    .readonly()
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Ringback')
        .type(DashboardLinkType.Dashboards)
        .tags(['ringback'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(firing())
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(labelVariable('job', 'Job', 'ringback_build_info'))
    .withVariable(labelVariable('instance', 'Instance', 'ringback_build_info{job=~"$job"}'))
  for (const name of variables) builder.withVariable(variable(name))
  builder.withVariable(
    new TextBoxVariableBuilder('ringback')
      .label("Ringback's page")
      .description('Address of the admin port, for links from panels to the callbacks behind them.')
      .defaultValue('http://localhost:8081'),
  )
  let id = 0
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id((id += 1)))
    for (const panel of row.panels) builder.withPanel(panel.id((id += 1)).links([callbacksLink(variables)]))
  }
  return builder.build()
}

/**
 * From any panel to Ringback's own page of the callbacks behind it. The admin port turns the variables of Grafana, in the
 * form in which Grafana writes them, into a search: see searchLink in src/admin/page-files.ts.
 */
function callbacksLink(variables: readonly VariableName[]): DashboardLinkBuilder {
  const chosen = variables.includes('route') ? '${route:queryparam}&' : ''
  return new DashboardLinkBuilder('Callbacks in Ringback')
    .type(DashboardLinkType.Link)
    .url(`\${ringback}/callbacks?${chosen}since=\${__from}&until=\${__to}`)
    .targetBlank(true)
}

function variable(name: VariableName): QueryVariableBuilder | CustomVariableBuilder {
  switch (name) {
    case 'route':
      return labelVariable('route', 'Route', 'ringback_last_received_timestamp_seconds{job=~"$job"}')
    case 'event':
      return labelVariable(
        'event',
        'Event',
        'ringback_callbacks_received_total{job=~"$job", route=~"$route"}',
      )
    case 'target':
      return new CustomVariableBuilder('target')
        .label('Target')
        .values('primary,fallback')
        .multi(true)
        .includeAll(true)
        .allValue('.+')
        .current({ selected: true, text: 'All', value: '$__all' })
  }
}

function labelVariable(label: string, title: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .label(title)
    .datasource(datasource)
    .query({ query: `label_values(${metric}, ${label})`, refId: `variable-${label}` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' })
}

/** Marks the time in which a built-in alert was firing. */
function firing(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Alerts firing')
    .datasource(datasource)
    .enable(true)
    .iconColor(bad)
    .expr(`max by (route, rule) (${ofProcess('ringback_alerts_firing')}) == 1`)
    .titleFormat('{{rule}}')
    .textFormat('{{route}}')
    .step('30s')
}
