import { describe, expect, it } from 'vitest'

import { createIsProvider, createSenderOf } from '../../../src/ingress/peer.ts'

describe('the sender of a request', () => {
  it('is the address of the socket when no proxy is trusted, whatever the header says', () => {
    expect(createSenderOf([])('::ffff:203.0.113.9', '10.0.0.1')).toMatchObject({ peer: '203.0.113.9' })
  })

  it('is what a trusted proxy says', () => {
    expect(createSenderOf(['127.0.0.1'])('127.0.0.1', '203.0.113.9')).toMatchObject({ peer: '203.0.113.9' })
  })

  it('is the last address that is not trusted: what stands left of it may be invented', () => {
    const senderOf = createSenderOf(['127.0.0.0/8', '10.0.0.0/8'])
    expect(senderOf('127.0.0.1', '1.1.1.1, 203.0.113.9, 10.1.2.3')).toEqual({
      peer: '203.0.113.9',
      proxies: '10.1.2.3, 127.0.0.1',
    })
  })

  it('is the proxy itself when its header is no address', () => {
    expect(createSenderOf(['127.0.0.1'])('127.0.0.1', 'unknown')).toEqual({ peer: '127.0.0.1', proxies: '' })
  })
})

describe('the addresses of the provider', () => {
  it('admit everybody when none are listed', () => {
    expect(createIsProvider(() => [])('203.0.113.9')).toBe(true)
  })

  it('admit addresses and ranges, and follow a reload', () => {
    let listed: readonly string[] = ['15.206.6.156', '35.154.0.0/16', '2001:db8::/32']
    const isProvider = createIsProvider(() => listed)
    expect(['15.206.6.156', '35.154.59.246', '2001:db8::1'].map(isProvider)).toEqual([true, true, true])
    expect(['15.206.6.157', '127.0.0.1', '', 'unknown', '::1'].filter(isProvider)).toEqual([])
    listed = ['127.0.0.1']
    expect(['15.206.6.156', '127.0.0.1'].map(isProvider)).toEqual([false, true])
  })
})
