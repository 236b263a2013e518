import 'uplot/dist/uPlot.min.css'

import { useEffect, useRef } from 'react'
import UPlot from 'uplot'

import type { Second } from '../../state/live-store.ts'
import { usePreferences } from '../../state/preferences.ts'
import { totals } from './totals.ts'

const SPAN_S = 300
const STEP_S = 3
const HEIGHT_PX = 76

/** Callbacks per second over the last five minutes; what failed stands in front of all. */
export function RateChart({
  seconds,
  now,
}: {
  readonly seconds: ReadonlyMap<number, Second>
  readonly now: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<UPlot>(undefined)
  const { theme, zone } = usePreferences()
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const made = new UPlot(options(element.clientWidth, zone), [[], [], []], element)
    chart.current = made
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      made.destroy()
    }
  }, [theme, zone])
  useEffect(() => {
    chart.current?.setData(series(seconds, Math.floor(now / 1000)))
  }, [seconds, now, theme, zone])
  const { ok, failed } = totals(seconds)
  return (
    <div
      className="rate-chart"
      ref={box}
      role="img"
      aria-label={`Last five minutes: ${ok + failed} callbacks, ${failed} of them failed`}
    />
  )
}

function series(seconds: ReadonlyMap<number, Second>, nowS: number): UPlot.AlignedData {
  const end = nowS - (nowS % STEP_S)
  const times: number[] = []
  const all: number[] = []
  const failed: number[] = []
  for (let start = end - SPAN_S; start <= end; start += STEP_S) {
    let sum = 0
    let bad = 0
    for (let second = start; second < start + STEP_S; second++) {
      const entry = seconds.get(second)
      sum += (entry?.ok ?? 0) + (entry?.failed ?? 0)
      bad += entry?.failed ?? 0
    }
    times.push(start)
    all.push(sum / STEP_S)
    failed.push(bad / STEP_S)
  }
  return [times, all, failed]
}

function options(width: number, zone: 'local' | 'utc'): UPlot.Options {
  const colour = colourReader()
  const bars = UPlot.paths.bars?.({ size: [0.8, 12], radius: 0.2 })
  const axis = {
    stroke: colour('--text-faint'),
    font: '11px "Geist Variable", system-ui',
    ticks: { show: false },
  }
  const line = (name: string) => ({
    stroke: 'transparent',
    fill: colour(name),
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars }),
  })
  return {
    width,
    height: HEIGHT_PX,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    ...(zone === 'utc' ? { tzDate: (at: number) => UPlot.tzDate(new Date(at * 1000), 'UTC') } : {}),
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        incrs: [60],
        values: (_chart, marks) => marks.map((at) => label(at, zone)),
      },
      {
        ...axis,
        grid: { stroke: colour('--line'), width: 1 },
        size: 34,
        space: 28,
        values: (_chart, marks) => marks.map((value) => (Number.isInteger(value) ? String(value) : '')),
      },
    ],
    series: [{}, line('--good-fill'), line('--bad-fill')],
  }
}

/** A custom property says `light-dark(…)` when it is read; as the colour of an element it is one of the two. */
function colourReader(): (name: string) => string {
  const style = getComputedStyle(document.body)
  return (name) => {
    document.body.style.setProperty('outline-color', `var(${name})`)
    const colour = style.outlineColor
    document.body.style.removeProperty('outline-color')
    return colour
  }
}

function label(atS: number, zone: 'local' | 'utc'): string {
  const date = new Date(atS * 1000)
  const [hours, minutes] =
    zone === 'utc' ? [date.getUTCHours(), date.getUTCMinutes()] : [date.getHours(), date.getMinutes()]
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}
