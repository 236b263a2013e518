import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { builtinImports } from './builtin-imports.ts'
import { root, sourceHash } from './source-hash.ts'

// Builds the daemon into dist/daemon: its own files and those of the packages that it uses in a few files, because
// finding and reading 1,300 small ones takes longer than everything else at a start. With --if-stale only when the
// sources changed since the last build.

const output = join(root, 'dist/daemon')
const stamp = 'source-hash.txt'

const entries = {
  main: 'src/main.ts',
  'worker-process': 'src/workers/worker-process.ts',
  'writer-thread': 'src/ledger/sqlite/writer-thread.ts',
  'reader-thread': 'src/ledger/sqlite/reader-thread.ts',
  'postgres-writer-thread': 'src/ledger/postgres/postgres-writer-thread.ts',
  'store-thread': 'src/ledger/postgres/store-thread.ts',
}

async function build(hash: string): Promise<void> {
  const { build: viteBuild } = await import('vite')
  // Beside the old one, which others may be starting from, and in its place in one step.
  const fresh = `${output}.${process.pid}`
  await viteBuild({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [builtinImports()],
    build: {
      ssr: true,
      target: 'node24',
      outDir: fresh,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: entries,
        // The binding in C of `pg`, which it tries and does without, and what Fastify takes in only when it is asked to
        // check schemas or to answer a test.
        external: [
          'pg-native',
          '@fastify/ajv-compiler',
          '@fastify/fast-json-stringify-compiler',
          'light-my-request',
        ],
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          // V8 keeps the source in memory: one byte for each character, and without words for people. Licences lie
          // beside the packages in node_modules.
          charset: 'ascii',
          comments: false,
        },
      },
    },
    ssr: { noExternal: true },
  })
  writeFileSync(join(fresh, stamp), hash)
  mkdirSync(output, { recursive: true })
  const old = `${fresh}.old`
  renameSync(output, old)
  renameSync(fresh, output)
  rmSync(old, { recursive: true })
  // What V8 made of the files before; see bin/ringback.js.
  rmSync(join(root, 'dist/cache'), { recursive: true, force: true })
}

const hash = sourceHash('src', 'scripts/build-daemon.ts', 'scripts/builtin-imports.ts')
const isFresh = existsSync(join(output, stamp)) && readFileSync(join(output, stamp), 'utf8') === hash
if (!isFresh || !process.argv.includes('--if-stale')) await build(hash)
