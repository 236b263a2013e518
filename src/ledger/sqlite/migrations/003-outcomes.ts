/** Callbacks by how their last attempt ended: without it a rare outcome is looked for among all failures there ever were. */
export const OUTCOME_INDEX = `
CREATE INDEX callbacks_by_outcome ON callbacks (last_outcome, result, id) WHERE result NOT IN ('delivered', 'pending');
`
