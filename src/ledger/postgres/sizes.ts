/**
 * Bytes that a row takes with its share of the indexes, about; messages are counted by themselves. Files of PostgreSQL
 * do not shrink when rows are deleted, so what is used is counted and not looked up.
 */
export const ROW_BYTES = { callback: 700, attempt: 300 } as const
