const DAY_S = 86_400

/** A value in a panel's unit, as people read it there; the units are those that our dashboards use. */
export function inUnit(value: number, unit: string, decimals?: number): string {
  if (decimals !== undefined) {
    const isShare = unit === 'percentunit'
    return (
      (isShare ? value * 100 : value).toLocaleString('en', { maximumFractionDigits: decimals }) +
      (isShare ? ' %' : '')
    )
  }
  switch (unit) {
    case 'percentunit':
      return `${trimmed(value * 100, 2)} %`
    case 'reqps':
      return `${scaled(value)} req/s`
    case 'rowsps':
      return `${scaled(value)} rows/s`
    case 'mps':
      return `${scaled(value)} msg/s`
    case 's':
      return seconds(value)
    case 'dtdurations':
      return duration(value)
    case 'bytes':
      return bytes(value)
    default:
      return scaled(value)
  }
}

function scaled(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${trimmed(value / 1e6, 2)} Mil`
  if (size >= 1e3) return `${trimmed(value / 1e3, 2)} K`
  return trimmed(value, size >= 10 ? 1 : 3)
}

function seconds(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0 s'
  if (size < 0.001) return `${trimmed(value * 1e6, 0)} µs`
  if (size < 1) return `${trimmed(value * 1000, size < 0.01 ? 2 : 0)} ms`
  if (size < 120) return `${trimmed(value, 2)} s`
  return duration(value)
}

/** The two largest parts of a time. */
function duration(value: number): string {
  const parts = [
    [DAY_S * 365, 'year'],
    [DAY_S, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const
  let rest = Math.round(value)
  const words: string[] = []
  for (const [size, name] of parts) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 && words.length < 2) words.push(`${count} ${name}${count === 1 ? '' : 's'}`)
  }
  return words.join(', ') || '0 seconds'
}

function bytes(value: number): string {
  const step = Math.min(3, Math.floor(Math.log2(Math.max(1, value)) / 10))
  return `${trimmed(value / 1024 ** step, 1)} ${['B', 'KiB', 'MiB', 'GiB'][step] ?? ''}`
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}
