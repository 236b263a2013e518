/**
 * Callbacks under way, all that one batch kept in one row: nearly every one of them is settled a moment later, so that a
 * row with its indexes for each would be written only to be deleted.
 */
export const UNDER_WAY_TABLE = `
CREATE TABLE under_way (
  batch INTEGER PRIMARY KEY,
  records BLOB NOT NULL
) STRICT;
`
