/**
 * Numbers of routes by day as well. Days that began before this version wrote them are incomplete, so that questions
 * about them are answered from hours.
 */
export const DAYS = `
ALTER TABLE state ADD COLUMN days_from INTEGER NOT NULL DEFAULT 0;
UPDATE state SET days_from = (unixepoch() / 86400 + 1) * 86400000 WHERE EXISTS (SELECT 1 FROM rollups);
`
