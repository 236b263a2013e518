type Cell = string | number | boolean | null

/** One line of RFC 4180 CSV, with its line end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * One cell. A text that a spreadsheet would run as a formula is led in by an apostrophe
 * (https://owasp.org/www-community/attacks/CSV_Injection), also behind blanks and in full-width forms;
 * control characters other than line breaks are left out.
 */
function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const clean = value.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
  const guarded = /^[\s\u00a0\ufeff]*[=+\-@|%＝＋－＠]|^[\t\r\n]/u.test(clean) ? `'${clean}` : clean
  return /[",\r\n;\t]|^'|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
