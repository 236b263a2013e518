import { appendFileSync } from 'node:fs'

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
    const file = `${path}.refused-${Date.now()}`
    const refused: RefusedPiece[] = []
    committer.recoverEach((piece) => {
      appendFileSync(file, piece.records, { mode: 0o600, flush: true })
      refused.push(piece)
    })
    return refused.length === 0 ? { isAny: true } : { isAny: true, setAside: told(refused, file) }
  }
}

function told(refused: readonly RefusedPiece[], file: string): SetAside {
  const rows = refused.reduce((sum, piece) => sum + piece.rows, 0)
  const why = [...new Set(refused.map(({ problem }) => problem))].join('; ')
  return {
    rows,
    problem: `rows of the process before are refused (${why}); they were set aside in ${file}, not lost`,
  }
}
