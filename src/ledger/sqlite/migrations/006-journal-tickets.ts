/** Rows are secured while batches before theirs are still to be committed: each batch empties what it holds. */
export const JOURNAL_TICKETS = `
ALTER TABLE journal ADD COLUMN last INTEGER NOT NULL DEFAULT 1;
`
