import { writeFileSync } from 'node:fs'

import type { Committer, RefusedPiece } from '../committer.ts'
import { problemOf } from '../problem.ts'
import type { SetAside } from '../../writing/protocol.ts'

/**
 * Commits what a process that ended had secured. Rows that no commit takes go to a file beside the ledger, so that they
 * keep it from starting no longer.
 *
 * @throws the error of SQLite or of the file when it is the disk that fails
 */
export function recoverSecured(
  committer: Committer,
  path: string,
): { readonly isAny: boolean; readonly setAside?: SetAside } {
  try {
    return { isAny: committer.recover() }
  } catch (error) {
    if (problemOf(error).canRetry) throw error
    let setAside: SetAside | undefined
    committer.recoverEach((refused) => {
      if (refused.length > 0) setAside = keepAside(refused, `${path}.refused-${Date.now()}`)
    })
    return setAside === undefined ? { isAny: true } : { isAny: true, setAside }
  }
}

function keepAside(refused: readonly RefusedPiece[], file: string): SetAside {
  writeFileSync(file, Buffer.concat(refused.map(({ records }) => records)), { mode: 0o600, flush: true })
  const rows = refused.reduce((sum, piece) => sum + piece.rows, 0)
  const why = [...new Set(refused.map(({ problem }) => problem))].join('; ')
  return {
    rows,
    problem: `rows of the process before are refused (${why}); they were set aside in ${file}, not lost`,
  }
}
