import { parentPort, workerData } from 'node:worker_threads'

// A clock beside the event loop that sends: timers of the loop are a millisecond coarse, this wait is good for
// some 50 µs. Ticks that are overdue are posted at once; none is left out.
const { startNs, intervalNs, count } = workerData as { startNs: bigint; intervalNs: bigint; count: number }
const cell = new Int32Array(new SharedArrayBuffer(4))

for (let i = 0; i < count; i++) {
  const dueInNs = startNs + BigInt(i) * intervalNs - process.hrtime.bigint()
  if (dueInNs > 0n) Atomics.wait(cell, 0, 0, Number(dueInNs) / 1e6)
  parentPort?.postMessage(i, []) // the empty list: nothing is transferred
}
