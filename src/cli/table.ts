import type { Paint } from './cli.ts'

export interface Column<Row> {
  readonly head: string
  readonly isRight?: boolean
  /** The text, made safe for a terminal; `color` paints the padded cell. */
  cell(row: Row): string
  color?(row: Row): Parameters<Paint>[0]
}

/** Rows in aligned columns, two blanks apart, without lines: easy to read, easy to cut. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)))
  const widths = columns.map((column, at) =>
    Math.max(widthOf(column.head), ...cells.map((line) => widthOf(line[at] ?? ''))),
  )
  const line = (texts: readonly string[], row: Row | undefined) =>
    columns
      .map((column, at) => {
        const text = padded(texts[at] ?? '', widths[at] ?? 0, column.isRight === true)
        if (row === undefined) return paint('dim', text)
        return column.color === undefined ? text : paint(column.color(row), text)
      })
      .join('  ')
      .trimEnd()
  const head = line(
    columns.map((column) => column.head),
    undefined,
  )
  return [head, ...rows.map((row, at) => line(cells[at] ?? [], row))].join('\n')
}

function padded(text: string, width: number, isRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)))
  return isRight ? blanks + text : text + blanks
}

/** Combining marks take no place; wide letters count as one, which only bends their own line. */
function widthOf(text: string): number {
  return Array.from(text.replaceAll(/\p{Mark}/gu, '')).length
}
