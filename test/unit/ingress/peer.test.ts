import { describe, expect, it } from 'vitest'

import { createPeerOf } from '../../../src/ingress/peer.ts'

describe('the sender of a request', () => {
  it('is the address of the socket when no proxy is trusted, whatever the header says', () => {
    expect(createPeerOf([])('::ffff:203.0.113.9', '10.0.0.1')).toBe('203.0.113.9')
  })

  it('is what a trusted proxy says', () => {
    expect(createPeerOf(['127.0.0.1'])('127.0.0.1', '203.0.113.9')).toBe('203.0.113.9')
  })

  it('is the last address that is not trusted: what stands left of it may be invented', () => {
    const peerOf = createPeerOf(['127.0.0.0/8', '10.0.0.0/8'])
    expect(peerOf('127.0.0.1', '1.1.1.1, 203.0.113.9, 10.1.2.3')).toBe('203.0.113.9')
  })

  it('is the proxy itself when its header is no address', () => {
    expect(createPeerOf(['127.0.0.1'])('127.0.0.1', 'unknown')).toBe('127.0.0.1')
  })
})
