/** What a state asks of the reader. Never shown by colour alone: each has a shape and a word beside it. */
export type Tone = 'good' | 'bad' | 'warn' | 'idle'
