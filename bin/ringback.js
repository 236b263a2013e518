#!/usr/bin/env node
// Starts Ringback. Plain JavaScript that old versions of Node can read: where the Node on the path is too old,
// the one that npm installed beside Ringback (package `node`) takes over.
import { spawn } from 'node:child_process'
import * as module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { environment, flags } from './tuning.js'

// Not by import, for which Node reads every export of the module, and loads what some of them stand for.
const require = module.createRequire(import.meta.url)
const { existsSync } = /** @type {typeof import('node:fs')} */ (require('node:fs'))

const OLDEST_NODE = 24
const home = dirname(dirname(fileURLToPath(import.meta.url)))

/** Installed, Ringback is compiled: Node strips no types below node_modules. In the repository the source itself runs. */
function entry() {
  const source = join(home, 'src', 'main.ts')
  const compiled = join(home, 'dist', 'daemon', 'main.js')
  const isInstalled = home.split(/[\\/]/).includes('node_modules')
  return existsSync(source) && !(isInstalled && existsSync(compiled)) ? source : compiled
}

function newerNode() {
  try {
    const manifest = module.createRequire(import.meta.url).resolve('node/package.json')
    const node = join(dirname(manifest), 'bin', 'node')
    return existsSync(node) ? node : undefined
  } catch {
    return undefined
  }
}

/**
 * Runs the same command line on another Node; signals and the exit code pass through.
 *
 * @param {string} node
 */
function runOn(node) {
  const child = spawn(node, [...process.execArgv, entry(), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // In a terminal Ctrl-C reaches the child by itself; sent twice it would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`error: cannot start ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** Options before a command that are followed by a value. */
const withValue = /^(-c|--config|--url|--token-file)$/

/** Is this command line one of `serve`, and nothing that only prints something? */
function isServe() {
  const args = process.argv.slice(2)
  if (args.some((arg) => /^(-h|--help|-V|--version)$/.test(arg))) return false
  const words = args.filter((arg, at) => !arg.startsWith('-') && !withValue.test(args[at - 1] ?? ''))
  return words.length === 0 || words[0] === 'serve'
}

/**
 * The daemon begins anew, as the same process, with what only the start of a process can set. Whoever set some of it
 * keeps it. Not under a service manager that hands over sockets: they would be lost, so its unit sets the same.
 */
function tune() {
  const { env } = process
  const isSet = Object.keys(environment).every((name) => env[name] !== undefined)
  const hasMoreToLose = env.LISTEN_FDS !== undefined || env.NODE_CHANNEL_FD !== undefined
  if (process.platform !== 'linux' || process.execve === undefined || isSet || hasMoreToLose) return
  const given = [...process.execArgv, env.NODE_OPTIONS ?? ''].join(' ')
  const missing = flags.filter((flag) => !given.includes(switchOf(flag)))
  const script = fileURLToPath(import.meta.url)
  process.execve(
    process.execPath,
    [process.execPath, ...missing, ...process.execArgv, script, ...process.argv.slice(2)],
    { ...environment, ...env },
  )
}

/**
 * `--maglev` of `--no-maglev`, and a name without its value: who gives that has decided for himself.
 *
 * @param {string} flag
 */
function switchOf(flag) {
  return flag.replace(/=.*/, '').replace(/^--no-/, '--')
}

/**
 * What V8 made of the code is kept beside the code, where nobody can write who could not change the code as well; a
 * folder for all users would not do. Where it cannot be written, every start compiles anew. NODE_COMPILE_CACHE names
 * another folder, NODE_DISABLE_COMPILE_CACHE=1 turns it off (https://nodejs.org/api/module.html#module-compile-cache).
 */
function keepCompiledCode() {
  process.env.NODE_COMPILE_CACHE ??= join(home, 'dist', 'cache') // threads begin with what stands here
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
}

if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) {
  if (isServe()) tune()
  keepCompiledCode()
  process.argv[1] = entry()
  await import(entry())
} else {
  const node = newerNode()
  if (node === undefined) {
    process.stderr.write(`error: Ringback needs Node ${OLDEST_NODE} or newer; this is ${process.version}.\n`)
    process.exit(1)
  }
  runOn(node)
}
