import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard'
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

import { bad, good, palette, warning } from './palette.ts'
import { datasource, type Query, target } from './query.ts'

/** What every panel has to say; the test of the dashboards insists on each of these. */
export interface PanelSpec {
  readonly title: string
  readonly description: string
  readonly unit: string
  /** Shown when the query is empty: an idle system is not an error. */
  readonly noValue: string
  readonly queries: readonly Query[]
  /** Of 24 columns. */
  readonly width: number
  readonly height?: number
}

export type Panel = StatBuilder | TimeseriesBuilder | HeatmapBuilder | TimelineBuilder | TableBuilder

/** Bounds where a number turns orange and red; `isGood: 'high'` where more is better. */
export interface Limits {
  readonly warn: number
  readonly crit: number
  readonly isGood: 'high' | 'low'
}

function described<Builder extends Panel>(builder: Builder, spec: PanelSpec): Builder {
  builder
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .noValue(spec.noValue)
    .datasource(datasource)
    .span(spec.width)
    .height(spec.height ?? 8)
  return builder
}

function thresholds({ warn, crit, isGood }: Limits): ThresholdsConfigBuilder {
  const steps: Threshold[] =
    isGood === 'high'
      ? [step(null, bad), step(crit, warning), step(warn, good)]
      : [step(null, good), step(warn, warning), step(crit, bad)]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps)
}

function step(value: number | null, color: string): Threshold {
  return { value, color }
}

export interface StatOptions {
  /** Ages and facts have no course that would say anything. */
  readonly hasCourse?: boolean
  /** Shows the legend instead of the value. */
  readonly isNamed?: boolean
  /** Words for values. */
  readonly words?: Readonly<Record<string, string>>
  /** Digits after the point; counts that increase() extrapolates have none. */
  readonly decimals?: number
}

/** One number with its recent course. */
export function stat(spec: PanelSpec, limits: Limits, options: StatOptions = {}): Panel {
  const { hasCourse = true, isNamed = false, words, decimals } = options
  const builder = described(new StatBuilder(), { height: 4, ...spec })
    .thresholds(thresholds(limits))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Value)
    .graphMode(hasCourse ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .textMode(isNamed ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
  if (words !== undefined) builder.mappings([wordsFor(words)])
  if (decimals !== undefined) builder.decimals(decimals)
  for (const [index, query] of spec.queries.entries()) builder.withTarget(target(query, index, 'range'))
  return builder
}

function wordsFor(words: Readonly<Record<string, string>>): ValueMap {
  const options = Object.entries(words).map(([value, text], index) => [value, { text, index }] as const)
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) }
}

export interface LinesOptions {
  /** Closed set of series names that have a colour of their own. */
  readonly colors?: readonly string[]
  readonly isStacked?: boolean
  /** A dashed line, such as the provider's deadline. */
  readonly limit?: number
  /** Shares that are good near 100 %: the axis ends there, and begins here while nothing is worse. */
  readonly nearlyAll?: number
}

/** Values over time. */
export function lines(spec: PanelSpec, options: LinesOptions = {}): Panel {
  const { colors = [], isStacked = false, limit, nearlyAll } = options
  const builder = described(new TimeseriesBuilder(), spec)
    .lineWidth(1)
    .fillOpacity(isStacked ? 35 : 8)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .stacking(
      new StackingConfigBuilder().mode(isStacked ? StackingMode.Normal : StackingMode.None).group('A'),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (nearlyAll === undefined) builder.min(0)
  else builder.max(1).axisSoftMin(nearlyAll)
  if (limit !== undefined) {
    builder
      .thresholds(
        new ThresholdsConfigBuilder()
          .mode(ThresholdsMode.Absolute)
          .steps([step(null, 'transparent'), step(limit, bad)]),
      )
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  }
  for (const name of colors) builder.overrideByName(name, [fixedColor(name)])
  for (const [index, query] of spec.queries.entries()) builder.withTarget(target(query, index, 'range'))
  return builder
}

function fixedColor(name: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor: palette[name] } }
}

/** Where the times of requests lie; the query yields the buckets of a histogram by `le`. */
export function heatmap(spec: PanelSpec): Panel {
  const builder = described(new HeatmapBuilder(), spec)
    .calculate(false)
    .color(
      new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Turbo').exponent(0.5).steps(64),
    )
    .yAxis(new YAxisConfigBuilder().unit(spec.unit))
    .cellGap(1)
  for (const [index, query] of spec.queries.entries()) builder.withTarget(target(query, index, 'heatmap'))
  return builder
}

/** One band per series, coloured by its value. */
export function timeline(spec: PanelSpec, limits: Limits): Panel {
  const builder = described(new TimelineBuilder(), spec)
    .thresholds(thresholds(limits))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .fillOpacity(70)
    .lineWidth(0)
    .rowHeight(0.85)
  for (const [index, query] of spec.queries.entries()) builder.withTarget(target(query, index, 'range'))
  return builder
}

/** One column of a table, from one instant query. */
export interface Column {
  readonly name: string
  readonly expr: string
  readonly unit: string
  readonly limits?: Limits
}

/** One row for each route, the worst first, one column for each query; the name of a route links to its dashboard. */
export function routeTable(
  spec: Omit<PanelSpec, 'queries'>,
  sortBy: string,
  columns: readonly Column[],
): Panel {
  const key = 'route'
  const builder = described(new TableBuilder(), { ...spec, queries: [] })
    .cellOptions({ type: TableCellDisplayMode.Auto })
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
    .withTransformation({ id: 'joinByField', options: { byField: key, mode: 'outer' } })
    .withTransformation({ id: 'organize', options: { excludeByName: excludedTimes(columns.length) } })
    .overrideByName(key, [
      {
        id: 'links',
        value: [
          {
            title: 'Open this route',
            url: '/d/ringback-route?var-route=${__value.raw}&${__url_time_range}&${datasource:queryparam}',
          },
        ],
      },
    ])
  for (const [index, column] of columns.entries()) {
    const refId = String.fromCodePoint(65 + index)
    builder.withTarget(target({ expr: column.expr, legend: column.name }, index, 'table'))
    builder.overrideByName(`Value #${refId}`, columnProperties(column))
  }
  return builder
}

function columnProperties({ name, unit, limits }: Column): DynamicConfigValue[] {
  const shown = [
    { id: 'displayName', value: name },
    { id: 'unit', value: unit },
  ]
  if (limits === undefined) return shown
  return [
    ...shown,
    { id: 'thresholds', value: thresholds(limits).build() },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ]
}

/** Joining leaves one time column of each query, numbered from the second on. */
function excludedTimes(queries: number): Record<string, boolean> {
  const names = Array.from({ length: queries }, (_, index) => `Time ${index + 1}`)
  return Object.fromEntries(['Time', ...names].map((name) => [name, true]))
}
