/** What is secured before its batch lies in files beside the ledger now. A clean stop leaves the table empty. */
export const WITHOUT_JOURNAL = 'DROP TABLE IF EXISTS journal'
