import { type Box, scaleOf, svg, timeAxis } from './lines.ts'
import { colorAt, escaped, type PanelData, type Series } from './model.ts'
import { inUnit } from './units.ts'

/** Of a character of a name, in pixels. */
const CHARACTER = 6.6

/** A state timeline: a band for each series, cut where its value changes. */
export function bandsSvg({ panel, series, from, to }: PanelData, box: Box): string {
  const { thresholds, unit = 'short' } = panel.fieldConfig?.defaults ?? {}
  const height = Math.min(60, (box.height - 24) / series.length)
  const names = Math.max(...series.map(({ name }) => name.length)) * CHARACTER + 16
  const x = (at: number): number => names + ((at - from) / (to - from)) * (box.width - names - 8)
  const rows = series.map((one, row) => {
    const y = row * height
    const bands = merged(one).map(({ value, start, end }) => {
      const [left, right] = [x(start), x(end)]
      const label = inUnit(value, unit)
      const text =
        right - left > label.length * 7 + 8
          ? `<text x="${left + 5}" y="${y + height / 2 + 4}" fill="#ffffff">${label}</text>`
          : ''
      return (
        `<rect x="${left}" y="${y + height * 0.08}" width="${Math.max(1, right - left)}" height="${height * 0.84}" ` +
        `fill="${colorAt(value, thresholds)}" fill-opacity="0.7"/>${text}`
      )
    })
    return `<text x="${names - 8}" y="${y + height / 2 + 4}" text-anchor="end">${escaped(one.name)}</text>${bands.join('')}`
  })
  return svg(box, rows.join('') + timeAxis(box, x, { from, to }))
}

interface Band {
  readonly value: number
  readonly start: number
  readonly end: number
}

function merged({ points }: Series): readonly Band[] {
  const step = (points[1]?.[0] ?? 0) - (points[0]?.[0] ?? 0)
  const bands: Band[] = []
  for (const [at, value] of points) {
    const last = bands.at(-1)
    if (last?.value === value && at - last.end <= step * 1.5)
      bands[bands.length - 1] = { ...last, end: at + step }
    else bands.push({ value, start: at, end: at + step })
  }
  return bands
}

/** A heat map of the buckets of a histogram: rows between two bounds, darker where more lies. */
export function heatSvg({ panel, series, from, to }: PanelData, box: Box): string {
  const unit = panel.fieldConfig?.defaults.unit ?? 'short'
  const buckets = series
    .map(({ labels, points }) => ({ bound: boundOf(labels['le'] ?? ''), values: new Map(points) }))
    .toSorted((one, other) => one.bound - other.bound)
  const scale = scaleOf(box, { from, to, most: buckets.length })
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].toSorted(
    (a, b) => a - b,
  )
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  const cells = buckets.flatMap(({ values }, row) =>
    times.map((at) => ({ at, row, count: (values.get(at) ?? 0) - (buckets[row - 1]?.values.get(at) ?? 0) })),
  )
  const most = Math.max(...cells.map(({ count }) => count), 1e-9)
  const drawn = cells
    .filter(({ count }) => count > most * 1e-3)
    .map(({ at, row, count }) => {
      const [left, top] = [scale.x(at), scale.y(row + 1)]
      const [width, height] = [scale.x(at + step) - left - 0.5, scale.y(row) - top - 1]
      return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${heat(Math.sqrt(count / most))}"/>`
    })
  const labels = buckets.map(({ bound }, row) => {
    const text = Number.isFinite(bound) ? inUnit(bound, unit) : 'more'
    return `<text x="76" y="${scale.y(row + 1) + 4 + (scale.y(row) - scale.y(row + 1)) / 2}" text-anchor="end">${text}</text>`
  })
  return svg(box, drawn.join('') + labels.join('') + timeAxis(box, scale.x, { from, to }))
}

function boundOf(le: string): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}

/** From blue over green and yellow to red, roughly Grafana's Turbo. */
function heat(share: number): string {
  return `hsl(${Math.round(240 - 240 * Math.min(1, share))} 75% ${Math.round(35 + 15 * share)}%)`
}
