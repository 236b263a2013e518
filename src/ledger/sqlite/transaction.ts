import type { DatabaseSync } from 'node:sqlite'

/** Runs all of it or nothing. Inside a transaction that is under way it becomes a part of that one. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  const [begin, commit, undo] = db.isTransaction
    ? ['SAVEPOINT part', 'RELEASE part', 'ROLLBACK TO part; RELEASE part']
    : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']
  db.exec(begin)
  try {
    const result = work()
    db.exec(commit)
    return result
  } catch (error) {
    if (db.isTransaction) db.exec(undo)
    throw error
  }
}
