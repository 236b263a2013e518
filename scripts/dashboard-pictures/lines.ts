import { colorAt, escaped, overrideOf, type PanelData, type PanelModel, type Series } from './model.ts'
import { inUnit } from './units.ts'

/** Grafana's classic palette, for series without a colour of their own. */
const classic = [
  '#73BF69',
  '#F2CC0C',
  '#8AB8FF',
  '#FF780A',
  '#F2495C',
  '#5794F2',
  '#B877D9',
  '#705DA0',
  '#37872D',
]

const LEFT = 84
const BOTTOM = 22
const TOP = 8
const GRID = '#2c2f36'
const TEXT = '#9fa2aa'

export interface Box {
  readonly width: number
  readonly height: number
}

/** Seconds and values to pixels. */
export interface Scale {
  readonly x: (at: number) => number
  readonly y: (value: number) => number
}

export function colorOf({ panel }: PanelData, series: Series, index: number): string {
  const own = overrideOf(panel, series.name, 'color') as { fixedColor?: string } | undefined
  return own?.fixedColor ?? classic[index % classic.length] ?? '#ffffff'
}

/** A time series panel: lines, or areas on top of each other, with a dashed threshold where there is one. */
export function linesSvg(data: PanelData, box: Box): string {
  const { panel, series, from, to } = data
  const { custom, thresholds, unit = 'short' } = panel.fieldConfig?.defaults ?? {}
  const isStacked = custom?.stacking?.mode === 'normal'
  const limit = limitOf(panel)
  const layers = isStacked
    ? stacked(series)
    : series.map(({ points }) => points.map(([at, v]) => [at, 0, v] as const))
  const { least, most } = rangeOf(
    panel,
    layers.flat().map(([, , top]) => top),
  )
  const scale = scaleOf(box, { from, to, least, most })
  const shapes = layers.map((layer, index) => {
    const one = series[index]
    return one === undefined ? '' : layerSvg(layer, scale, { color: colorOf(data, one, index), isStacked })
  })
  const dashed =
    limit === undefined
      ? ''
      : `<line x1="${LEFT}" x2="${box.width}" y1="${scale.y(limit)}" y2="${scale.y(limit)}" stroke="${colorAt(limit, thresholds)}" stroke-dasharray="10 8"/>`
  return svg(
    box,
    axes(box, scale, { from, to, ticks: ticksOf(least, most), label: (v) => inUnit(v, unit) }) +
      shapes.join('') +
      dashed,
  )
}

/** The value of the dashed line. */
function limitOf({ fieldConfig }: PanelModel): number | undefined {
  const { custom, thresholds } = fieldConfig?.defaults ?? {}
  if (custom?.thresholdsStyle?.mode !== 'dashed') return undefined
  return thresholds?.steps.find(({ value }) => value !== null)?.value ?? undefined
}

/** Of the axis: from zero, or from where the panel says while nothing lies below. */
function rangeOf(panel: PanelModel, values: readonly number[]): { least: number; most: number } {
  const { custom, max } = panel.fieldConfig?.defaults ?? {}
  return {
    least: Math.min(custom?.axisSoftMin ?? 0, ...values),
    most: max ?? niceTop(Math.max(...values, (limitOf(panel) ?? 0) * 1.02, 0)),
  }
}

type Layer = readonly (readonly [at: number, bottom: number, top: number])[]

function stacked(series: readonly Series[]): readonly Layer[] {
  const sums = new Map<number, number>()
  return series.map(({ points }) =>
    points.map(([at, value]) => {
      const bottom = sums.get(at) ?? 0
      sums.set(at, bottom + value)
      return [at, bottom, bottom + value] as const
    }),
  )
}

function layerSvg(
  layer: Layer,
  { x, y }: Scale,
  { color, isStacked }: { readonly color: string; readonly isStacked: boolean },
): string {
  return runs(layer)
    .map((run) => {
      const top = run.map(([at, , high]) => `${x(at)},${y(high)}`)
      const bottom = run.map(([at, low]) => `${x(at)},${y(low)}`).toReversed()
      return (
        `<polygon points="${[...top, ...bottom].join(' ')}" fill="${color}" fill-opacity="${isStacked ? 0.35 : 0.08}"/>` +
        `<polyline points="${top.join(' ')}" fill="none" stroke="${color}" stroke-width="1.4"/>`
      )
    })
    .join('')
}

/** A line breaks where two samples are missing. */
function runs(layer: Layer): readonly Layer[] {
  const found: (readonly [number, number, number])[][] = []
  const step = Math.min(...layer.slice(1).map(([at], index) => at - (layer[index]?.[0] ?? 0)))
  for (const point of layer) {
    const run = found.at(-1)
    const last = run?.at(-1)
    if (run === undefined || last === undefined || point[0] - last[0] > step * 2.5) found.push([point])
    else run.push(point)
  }
  return found
}

export function scaleOf(
  { width, height }: Box,
  range: {
    readonly from: number
    readonly to: number
    readonly least?: number
    readonly most: number
  },
): Scale {
  const { from, to, least = 0, most } = range
  return {
    x: (at) => round(LEFT + ((at - from) / (to - from)) * (width - LEFT - 8)),
    y: (value) =>
      round(TOP + (1 - (Math.max(value, least) - least) / (most - least)) * (height - TOP - BOTTOM)),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

export function axes(
  { width, height }: Box,
  { x, y }: Scale,
  axis: {
    readonly from: number
    readonly to: number
    readonly ticks: readonly number[]
    readonly label: (value: number) => string
  },
): string {
  const rows = axis.ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" stroke="${GRID}"/>` +
      `<text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${escaped(axis.label(tick))}</text>`,
  )
  return rows.join('') + timeAxis({ width, height }, x, axis)
}

export function timeAxis(
  { height, width }: Box,
  x: Scale['x'],
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const step = width > 500 ? 30 : 60
  let marks = ''
  for (let at = Math.ceil(from / step) * step; at <= to - 5; at += step) {
    const text = new Date(at * 1000).toISOString().slice(11, 19)
    marks += `<text x="${x(at)}" y="${height - 5}" text-anchor="middle">${text}</text>`
  }
  return marks
}

export function svg({ width, height }: Box, inside: string): string {
  return `<svg width="${width}" height="${height}" font-size="11" fill="${TEXT}">${inside}</svg>`
}

function niceTop(value: number): number {
  if (value <= 0) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * unit).find((top) => top >= value) ?? value
}

function ticksOf(least: number, most: number): readonly number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => least + share * (most - least))
}
