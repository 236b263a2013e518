import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'

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
  compress()
  writeFileSync(stamp, hash)
}

/** Once here, so that the daemon never does it beside its work. */
function compress(): void {
  for (const name of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(html|js|css|svg)$/.test(name)) continue
    const path = join(output, name)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: constants.Z_BEST_COMPRESSION }))
  }
}

/** What a browser loads before it shows anything: the document, the files that it names, and the first screen. */
function firstLoadKb(): number {
  const document = readFileSync(join(output, 'index.html'), 'utf8')
  const named = [...document.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name = '']) => name)
  const firstScreen = readdirSync(join(output, 'assets')).filter((name) =>
    /^live-screen-.*(js|css)$/.test(name),
  )
  const names = new Set(['index.html', ...named, ...firstScreen.map((name) => `assets/${name}`)])
  const sizes = [...names].map((name) => gzipSync(readFileSync(join(output, name))).length)
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
