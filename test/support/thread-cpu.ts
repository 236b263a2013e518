/** Processor time that this thread takes for something, milliseconds: other load on the machine does not count. */
export function threadCpuMs(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
