import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { root, sourceHash } from './source-hash.ts'

// Builds the page into dist/ui. With --if-stale, as `npm start` asks for it: only when its sources changed since the
// last build, and never a reason not to start; without the page the admin port says how to build it.

const output = join(root, 'dist/ui')
const stamp = join(output, 'source-hash.txt')
const FIRST_LOAD_LIMIT_KB = 170

async function build(hash: string): Promise<void> {
  // Whoever asks for it, a test too, gets what is shipped.
  process.env['NODE_ENV'] = 'production'
  const { build: viteBuild } = await import('vite')
  await viteBuild({ configFile: join(root, 'src/ui/vite.config.ts'), logLevel: 'warn' })
  writeFileSync(stamp, hash)
}

/** What a browser loads before it shows anything: the document, its scripts, styles and font, compressed. */
function firstLoadKb(): number {
  const document = readFileSync(join(output, 'index.html'), 'utf8')
  const names = [...document.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name = '']) => name)
  const styles = names.filter((name) => name.endsWith('.css'))
  const rules = styles.map((name) => readFileSync(join(output, name), 'utf8')).join('\n')
  const fonts = [...rules.matchAll(/url\(\.\/([^)]+\.woff2)\)/g)].map(([, name = '']) => `assets/${name}`)
  const sizes = ['index.html', ...names, ...fonts].map(
    (name) => gzipSync(readFileSync(join(output, name))).length,
  )
  return sizes.reduce((sum, size) => sum + size, 0) / 1000
}

const hash = sourceHash('src/ui')
const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
if (!process.argv.includes('--if-stale')) {
  await build(hash)
  const size = firstLoadKb()
  console.log(`the page: ${size.toFixed(1)} kB compressed at first load (limit ${FIRST_LOAD_LIMIT_KB})`)
  if (size > FIRST_LOAD_LIMIT_KB) process.exitCode = 1
} else if (!isFresh) {
  try {
    await build(hash)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    console.error(`the page was not built (${why}); the daemon starts without it`)
  }
}
