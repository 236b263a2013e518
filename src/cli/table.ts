import type { Cli, Paint } from './cli.ts'
import { oneLine } from './terminal-text.ts'
import { widthOf, wrapped } from './wrapping.ts'

export interface Column<Row> {
  readonly head: string
  readonly isRight?: boolean
  /** Where the terminal is narrow, columns with a rank are shown while there is room, 1 first; without one, always. */
  readonly rank?: number
  /** Sentences: in a narrow terminal they come last, broken into lines. At most one column. */
  readonly isText?: boolean
  /** The text, which the table makes safe for a terminal; `color` paints the padded cell. */
  cell(row: Row): string
  color?(row: Row): Parameters<Paint>[0]
}

const GAP = 2
/** Sentences in a narrower column are hard to read: they stand in lines of their own below their row instead. */
const LEAST_TEXT = 24

/** Rows in aligned columns, two blanks apart, without lines: easy to read, easy to cut. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { paint, width }: Pick<Cli, 'paint' | 'width'>,
): string {
  const measured = columns.map((column) => {
    const cells = rows.map((row) => oneLine(column.cell(row)))
    return { column, cells, width: Math.max(widthOf(column.head), ...cells.map(widthOf)) }
  })
  const { shown, text, textWidth, isBelow } = arranged(measured, width)
  const inline = text === undefined || isBelow ? shown : [...shown, { ...text, width: 0 }]
  const indent = ' '.repeat(isBelow ? GAP : sumOf(shown) + GAP)
  const line = (texts: readonly string[], row: Row | undefined) =>
    inline
      .map(({ column, width: size }, at) => {
        const padding = padded(texts[at] ?? '', size, column.isRight === true)
        if (row === undefined) return paint('dim', padding)
        return column.color === undefined ? padding : paint(column.color(row), padding)
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  const lines = rows.flatMap((row, at) => {
    const cells = shown.map((each) => each.cells[at] ?? '')
    const [first = '', ...more] = text === undefined ? [] : wrapped(text.cells[at] ?? '', textWidth)
    const below = isBelow ? [first, ...more].filter((each) => each !== '') : more
    return [line([...cells, first], row), ...below.map((each) => indent + each)]
  })
  const left = columns.filter(
    (column) => column !== text?.column && shown.every((each) => each.column !== column),
  )
  const note = `Left out, because the terminal is narrow: ${left.map(({ head }) => head).join(', ')}.`
  return [
    line(
      inline.map(({ column }) => column.head),
      undefined,
    ),
    ...lines,
    ...(left.length === 0 ? [] : wrapped(note, width).map((each) => paint('dim', each))),
  ].join('\n')
}

interface Measured<Row> {
  readonly column: Column<Row>
  readonly cells: readonly string[]
  readonly width: number
}

/** Which columns there is room for, and where the sentences go that there is none for. */
function arranged<Row>(measured: readonly Measured<Row>[], width: number) {
  const long = measured.find(({ column }) => column.isText === true)
  const others = measured.filter((each) => each !== long)
  const byRank = others.toSorted((a, b) => (a.column.rank ?? 0) - (b.column.rank ?? 0))
  const chosen: Measured<Row>[] = []
  for (const each of byRank) {
    if (each.column.rank === undefined || sumOf([...chosen, each]) <= width) chosen.push(each)
  }
  const rest = width - sumOf(chosen) - GAP
  const isWhole = long === undefined || long.width <= rest
  const isBelow = !isWhole && rest < LEAST_TEXT
  return {
    shown: measured.filter((each) => chosen.includes(each) || (isWhole && each === long)),
    text: isWhole ? undefined : long,
    isBelow,
    textWidth: isBelow ? width - GAP : rest,
  }
}

function sumOf(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP, -GAP)
}

function padded(text: string, width: number, isRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return isRight ? blanks + text : text + blanks
}
