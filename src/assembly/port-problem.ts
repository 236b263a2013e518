import { RingbackError } from '../errors.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may not be used by this user: ports below 1024 are for root, or need CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'is not an address of this machine',
}

/**
 * Opens a port that a key of the configuration names.
 *
 * @throws RingbackError `config` when it cannot be opened, for the person who starts Ringback
 */
export async function listening<Result>(
  key: string,
  address: string,
  listen: () => Promise<Result>,
): Promise<Result> {
  try {
    return await listen()
  } catch (error) {
    throw portProblem(error, key, address)
  }
}

function portProblem(error: unknown, key: string, address: string): unknown {
  const reason = reasons[systemCode(error)]
  if (reason === undefined) return error
  return new RingbackError(
    'config',
    `${key}: ${address} ${reason}.\nIs Ringback running already? Stop it, or choose another port: \`${key}\` in the configuration;\nfor the trial configuration set RINGBACK_TRIAL_LISTEN and RINGBACK_TRIAL_ADMIN_LISTEN, each to HOST:PORT.`,
    { cause: error },
  )
}

/** `EADDRINUSE` and the like, of the error or of what it wraps. */
function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.cause !== undefined) return systemCode(error.cause)
  return 'code' in error ? String(error.code) : ''
}
