/** The first descriptor that a service manager hands over. Source: sd_listen_fds(3). */
const FIRST = 3

/**
 * Descriptor of the listening socket that a service manager opened for this process, so that connections wait in the
 * kernel while Ringback starts again instead of being refused; undefined when there is none.
 */
export function inheritedSocket(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const isForUs = env['LISTEN_PID'] === String(pid)
  return isForUs && Number(env['LISTEN_FDS'] ?? 0) >= 1 ? FIRST : undefined
}
