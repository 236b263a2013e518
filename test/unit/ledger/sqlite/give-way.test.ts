import { readdirSync, readFileSync } from 'node:fs'
import { getPriority, platform } from 'node:os'

import { expect, onTestFinished, test } from 'vitest'

import { createLedgerFile } from './ledger-file.ts'

/** Where `nice` stands behind the name in /proc/PID/task/TID/stat (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html). */
const NICE = 16

function niceOf(thread: string): number[] {
  return readdirSync('/proc/self/task').flatMap((id) => {
    const [, name, rest] = /\((.*)\) (.*)/.exec(readFileSync(`/proc/self/task/${id}/stat`, 'utf8')) ?? []
    return name === thread ? [Number(rest?.split(' ')[NICE])] : []
  })
}

// Other systems have a priority of the whole process only.
test.runIf(platform() === 'linux')(
  'the thread that writes stands a little behind the one that answers, the one that reads behind everything',
  async () => {
    const file = await createLedgerFile()
    onTestFinished(async () => file.end())
    const { reader } = await file.open()
    await reader.counts()
    const own = getPriority()
    expect(new Set(niceOf('writer-thread'))).toEqual(new Set([Math.min(own + 2, 19)]))
    expect(new Set(niceOf('reader-thread'))).toEqual(new Set([19]))
    expect(getPriority()).toBe(own)
  },
)
