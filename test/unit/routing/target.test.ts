import { describe, expect, test } from 'vitest'

import { parseTarget } from '../../../src/routing/target.ts'

describe('parseTarget', () => {
  test('keeps path and query byte for byte, also where the URL standard would rewrite them', () => {
    const target = parseTarget('https://api.example.com/a/../b//c%2f;x=1?q=%7e&q=+&e', 'primary')
    expect(target.path).toBe('/a/../b//c%2f;x=1?q=%7e&q=+&e')
    expect(target.origin).toBe('https://api.example.com')
    expect(target.hostname).toBe('api.example.com')
  })

  test('gives a URL without a path the root path', () => {
    expect(parseTarget('http://h', 'primary').path).toBe('/')
    expect(parseTarget('http://h?a=1', 'primary').path).toBe('/?a=1')
  })

  test('takes credentials out of the URL into a Basic value', () => {
    const target = parseTarget('https://us%40er:p%3Aw%2F@h.example:8443/x', 'fallback')
    expect(target.authorization).toBe(`Basic ${Buffer.from('us@er:p:w/').toString('base64')}`)
    expect(target.origin).toBe('https://h.example:8443')
    expect(target.role).toBe('fallback')
    expect(JSON.stringify({ ...target, authorization: '' })).not.toContain('p%3Aw')
  })

  test('masks query values in the label', () => {
    const target = parseTarget('https://h/x?token=s3cret&flag&k=v=w#ct=500', 'primary')
    expect(target.label).toBe('https://h/x?token=***&flag&k=***')
    expect(target.path).toBe('/x?token=s3cret&flag&k=v=w')
  })

  test('reads the overrides of the fragment and never sends it', () => {
    const target = parseTarget('https://h/x#ct=2000&rt=4000&rc=1&rp=all', 'primary')
    expect(target.connectTimeoutMs).toBe(2000)
    expect(target.responseTimeoutMs).toBe(4000)
    expect(target.path).toBe('/x')
    expect(parseTarget('https://h/x', 'primary').connectTimeoutMs).toBeUndefined()
  })

  test.each(['ct=99', 'ct=10001', 'rt=0', 'rt=1e3', 'rt=', 'ct=-5'])(
    'refuses the override #%s',
    (fragment) => {
      expect(() => parseTarget(`https://h/#${fragment}`, 'primary')).toThrow(/milliseconds/)
    },
  )

  test('canonicalises the host, so that what is checked is what is dialled', () => {
    expect(parseTarget('http://0x7f.1/', 'primary').hostname).toBe('127.0.0.1')
    expect(parseTarget('http://[::FFFF:7F00:1]:80/', 'primary').hostname).toBe('::ffff:7f00:1')
    expect(parseTarget('http://[::1]:81/', 'primary').origin).toBe('http://[::1]:81')
    expect(parseTarget('HTTPS://BÜCHER.example:443/', 'primary').origin).toBe('https://xn--bcher-kva.example')
  })

  test('sends characters beyond ASCII as percent-encoded UTF-8', () => {
    expect(parseTarget('http://h/ä?ö=1', 'primary').path).toBe('/%C3%A4?%C3%B6=1')
  })

  test.each([
    'ftp://h/',
    '/path',
    'http:///x',
    'http://',
    'http://h:99999/',
    'http://h:0/',
    'http://a b/',
    'http://h/\\..\\x',
    'http://good\\@evil/',
    'http://u%zz@h/',
    'http://h/\r\nX: y',
    'http://256.256.256.256/',
  ])('refuses %j', (url) => {
    expect(() => parseTarget(url, 'primary')).toThrow(RangeError)
  })

  test('repeats no password in its complaint', () => {
    for (const url of [
      'http://user:hunter2@h:99999/',
      'http://user:hunter2/x@h/',
      'http://user:hunter2%@h/',
    ]) {
      expect(() => parseTarget(url, 'primary')).toThrow(/^((?!hunter2).)*$/)
    }
  })
})
