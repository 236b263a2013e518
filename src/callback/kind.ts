/** Of a callback: does only the status of the reply matter, or does the provider execute its body? */
export type Kind = 'notify' | 'xml'
