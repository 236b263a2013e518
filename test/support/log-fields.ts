import { readFileSync } from 'node:fs'

/** The fields of log lines that docs/operations.md explains. */
export function documentedLogFields(): ReadonlySet<string> {
  const text = readFileSync('docs/operations.md', 'utf8')
  const section = text.slice(text.indexOf('\n## The log\n'))
  const table = section.slice(0, section.indexOf('\n## ', 1))
  const firstCells = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell)
  return new Set(firstCells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)))
}
