/** Rows that outlive a crash although their batch is not committed yet; each commit of a batch empties it. */
export const JOURNAL_TABLE = `
CREATE TABLE journal (
  number INTEGER PRIMARY KEY,
  written_at INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  records BLOB NOT NULL
) STRICT;
`
