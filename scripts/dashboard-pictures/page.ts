import { bandsSvg, heatSvg } from './bands.ts'
import { type Box, colorOf, linesSvg } from './lines.ts'
import { colorAt, escaped, overrideOf, type PanelData, type Thresholds } from './model.ts'
import { inUnit } from './units.ts'

/** Of Grafana: 24 columns, rows of 30 px with 8 px between panels, on a screen of 1440 px. */
const WIDTH = 1440
const MARGIN = 16
const ROW_PX = 30
const GAP_PX = 8
const COLUMN_PX = (WIDTH - 2 * MARGIN + GAP_PX) / 24
const HEAD_PX = 74

export interface DashboardPicture {
  readonly title: string
  readonly variables: readonly (readonly [label: string, value: string])[]
  readonly panels: readonly PanelData[]
}

/** The dashboard as a page that needs no script. */
export function pageHtml({ title, variables, panels }: DashboardPicture): string {
  const chosen = variables.map(
    ([label, value]) => `<span class="var"><b>${escaped(label)}</b>${escaped(value)}</span>`,
  )
  const height = Math.max(...panels.map(({ panel: { gridPos } }) => topOf(gridPos.y + gridPos.h)))
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
<body style="height:${HEAD_PX + height + 8}px"><header><h1>${escaped(title)}</h1>${chosen.join('')}</header>
${panels.map(panelHtml).join('\n')}</body>`
}

function topOf(rows: number): number {
  return rows * (ROW_PX + GAP_PX)
}

function panelHtml(data: PanelData): string {
  const { title, gridPos, type } = data.panel
  const box = { width: gridPos.w * COLUMN_PX - GAP_PX, height: topOf(gridPos.h) - GAP_PX }
  const place =
    `left:${MARGIN + gridPos.x * COLUMN_PX}px;top:${HEAD_PX + topOf(gridPos.y)}px;` +
    `width:${box.width}px;height:${box.height}px`
  if (type === 'row') return `<h2 style="${place}">⌄ ${escaped(title)}</h2>`
  const inside = { width: box.width - 18, height: box.height - 42 }
  return `<section style="${place}"><h3>${escaped(title)}</h3>${bodyHtml(data, inside)}</section>`
}

function bodyHtml(data: PanelData, box: Box): string {
  const { panel, series } = data
  if (series.length === 0)
    return `<p class="none">${escaped(panel.fieldConfig?.defaults.noValue ?? 'No data')}</p>`
  switch (panel.type) {
    case 'stat':
      return statHtml(data, box)
    case 'table':
      return tableHtml(data)
    case 'state-timeline':
      return bandsSvg(data, box)
    case 'heatmap':
      return heatSvg(data, box)
    default:
      return linesSvg(data, { ...box, height: box.height - 22 }) + legendHtml(data)
  }
}

function legendHtml(data: PanelData): string {
  const entries = data.series.map(
    (series, index) =>
      `<span><i style="background:${colorOf(data, series, index)}"></i>${escaped(series.name)}</span>`,
  )
  return `<div class="legend">${entries.join('')}</div>`
}

/** The last value of each series, in the colour of its threshold, over its recent course. */
function statHtml({ panel, series, from, to }: PanelData, { width, height }: Box): string {
  const { unit = 'short', thresholds, decimals, mappings = [] } = panel.fieldConfig?.defaults ?? {}
  const { textMode, graphMode } = panel.options ?? {}
  const each = width / series.length
  const parts = series.map(({ name, points }) => {
    const last = points.findLast(([, value]) => Number.isFinite(value))?.[1] ?? Number.NaN
    const color = colorAt(last, thresholds)
    const word = mappings
      .map(({ options }) => options[String(last)]?.text)
      .find((found) => found !== undefined)
    const text = textMode === 'name' ? name : (word ?? inUnit(last, unit, decimals))
    const size = Math.min(34, (each / Math.max(4, text.length)) * 1.6)
    const label = series.length > 1 && textMode !== 'name' ? `<small>${escaped(name)}</small>` : ''
    const course =
      graphMode === 'none' ? '' : sparkline(points, { from, to, width: each, height: height * 0.45, color })
    return `<div class="stat" style="color:${color};font-size:${size}px">${label}${escaped(text)}${course}</div>`
  })
  return `<div class="stats">${parts.join('')}</div>`
}

function sparkline(
  points: PanelData['series'][number]['points'],
  { from, to, width, height, color }: Box & { from: number; to: number; color: string },
): string {
  const values = points.map(([, value]) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const spread = most - least || 1
  const line = points.map(
    ([at, value]) =>
      `${((at - from) / (to - from)) * width},${height - 2 - ((value - least) / spread) * (height - 4)}`,
  )
  const area = `0,${height} ${line.join(' ')} ${width},${height}`
  return (
    `<svg width="${width}" height="${height}"><polygon points="${area}" fill="${color}" fill-opacity="0.15"/>` +
    `<polyline points="${line.join(' ')}" fill="none" stroke="${color}"/></svg>`
  )
}

/** One row for each route; columns as the panel's overrides name, measure and colour them. */
function tableHtml({ panel, series }: PanelData): string {
  const columns = panel.targets ?? []
  const sortBy = columns.find(
    ({ legendFormat }) => legendFormat === panel.options?.sortBy?.[0]?.displayName,
  )?.refId
  const weight = (key: string): number => valueAt(series, sortBy, key) ?? -1
  const names = [...new Set(series.map(({ labels }) => labels['route'] ?? ''))].toSorted()
  const keys = names.toSorted((one, other) => weight(other) - weight(one))
  const head = columns.map(({ legendFormat }) => `<th>${escaped(legendFormat)}</th>`)
  const rows = keys.map((key) => {
    const cells = columns.map(({ refId }) => {
      const value = valueAt(series, refId, key)
      if (value === undefined) return `<td>${panel.fieldConfig?.defaults.noValue ?? ''}</td>`
      const field = `Value #${refId}`
      const unit = (overrideOf(panel, field, 'unit') as string | undefined) ?? 'short'
      const limits = overrideOf(panel, field, 'thresholds') as Thresholds | undefined
      return `<td style="color:${limits === undefined ? 'inherit' : colorAt(value, limits)}">${escaped(inUnit(value, unit))}</td>`
    })
    return `<tr><td class="link">${escaped(key)}</td>${cells.join('')}</tr>`
  })
  return `<table><tr><th>route</th>${head.join('')}</tr>${rows.join('')}</table>`
}

function valueAt(series: PanelData['series'], refId: string | undefined, route: string): number | undefined {
  return series.find((one) => one.refId === refId && one.labels['route'] === route)?.points.at(-1)?.[1]
}

const STYLE = `
* { box-sizing: border-box; margin: 0 }
body { width: ${WIDTH}px; background: #111217; color: #ccccdc; font: 13px Inter, 'DejaVu Sans', system-ui, sans-serif; position: relative; overflow: hidden }
header { padding: 12px ${MARGIN}px; height: ${HEAD_PX}px }
h1 { font-size: 16px; font-weight: 500; margin-bottom: 8px }
.var { display: inline-block; border: 1px solid #2f323a; border-radius: 2px; margin-right: 8px; font-size: 12px; padding: 3px 8px 3px 0 }
.var b { font-weight: 500; background: #1f2128; padding: 4px 8px; margin-right: 8px }
h2 { position: absolute; font-size: 15px; font-weight: 500; line-height: 30px }
section { position: absolute; background: #181b1f; border: 1px solid #26292f; border-radius: 2px; padding: 8px; overflow: hidden }
h3 { font-size: 13px; font-weight: 500; margin-bottom: 8px; white-space: nowrap }
svg { display: block; overflow: hidden }
.none { color: #9fa2aa; text-align: center; padding-top: 24px; font-size: 15px }
.stats { display: flex; height: 100% }
.stat { flex: 1; font-weight: 500; text-align: center; display: flex; flex-direction: column; justify-content: center; gap: 4px; padding-bottom: 26px; white-space: nowrap; overflow: hidden }
.stat small { font-size: 11px; color: #ccccdc }
.legend { display: flex; flex-wrap: wrap; gap: 2px 12px; font-size: 11px; height: 20px; overflow: hidden; padding-top: 4px }
.legend i { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin-right: 5px; vertical-align: middle }
table { width: 100%; border-collapse: collapse }
th { text-align: left; font-weight: 500; color: #6e9fff }
th, td { padding: 6px 10px; border-bottom: 1px solid #26292f }
.link { color: #6e9fff }
`
