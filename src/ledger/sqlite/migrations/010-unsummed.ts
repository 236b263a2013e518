/**
 * With many routes called at once, a batch notes what it adds to numbers and streaks in one row here; the rows of all
 * these routes are written again about once in two seconds.
 */
export const UNSUMMED_TABLE = `
CREATE TABLE unsummed (
  number INTEGER PRIMARY KEY,
  texts TEXT NOT NULL,
  numbers BLOB NOT NULL,
  saved TEXT NOT NULL
) STRICT;
`
