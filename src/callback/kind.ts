/** What a reply is for: does only its status matter, or does its body drive the call? */
export type Kind = 'notify' | 'xml'
