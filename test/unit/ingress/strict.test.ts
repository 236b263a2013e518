import { headerTextOf } from '../../../src/callback/header-text.ts'
import { describe, expect, it } from 'vitest'

import { readHead } from '../../../src/ingress/strict.ts'

function head(rawHeaders: readonly string[], target = '/hooks', httpVersion = '1.1') {
  return readHead({ target, httpVersion, headers: headerTextOf(rawHeaders) })
}

describe('the head of a request', () => {
  it('gives what the pipeline needs of an ordinary callback', () => {
    const read = head([
      'HOST',
      'callbacks.example.com:8443',
      'content-type',
      'Application/JSON',
      'Content-Length',
      '800',
      'Authorization',
      'Basic abc',
      'traceparent',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ])
    expect(read).toEqual({
      contentType: 'application/json',
      contentLength: 800,
      authorization: 'Basic abc',
      forwardedFor: '',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      isDemanding: false,
    })
  })

  it.each([
    ['no Host', []],
    ['two Hosts', ['Host', 'a', 'Host', 'b']],
    ['an empty Host', ['Host', '']],
    ['a Host with a path', ['Host', 'a/b']],
    ['a Host with a user', ['Host', 'user@host']],
    ['a list of Hosts', ['Host', 'a, b']],
    ['two lengths', ['Host', 'a', 'Content-Length', '5', 'content-length', '5']],
    ['a padded length', ['Host', 'a', 'Content-Length', '007']],
    ['a doubled zero', ['Host', 'a', 'Content-Length', '00']],
    ['a list of encodings', ['Host', 'a', 'Transfer-Encoding', 'gzip, chunked']],
    ['an empty encoding before chunked', ['Host', 'a', 'Transfer-Encoding', ',chunked']],
    ['two encodings', ['Host', 'a', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    ['a name with an underscore', ['Host', 'a', 'Content_Length', '5']],
  ])('is refused with %s', (_name, rawHeaders) => {
    expect(head(rawHeaders)).toMatchObject({ status: 400 })
  })

  it('is refused when HTTP/1.0 carries an encoding', () => {
    expect(head(['Host', 'a', 'Transfer-Encoding', 'chunked'], '/hooks', '1.0')).toMatchObject({
      status: 400,
    })
  })

  it.each([
    'http://evil/hooks',
    '//evil/x',
    '*',
    '/a#b',
    '/a\\b',
    '/a%00b',
    '/a%0d%0ab',
    '/a b',
    '/ä',
    '/a"b',
  ])('is refused with the target %s', (target) => {
    expect(head(['Host', 'a'], target)).toMatchObject({ status: 400 })
  })

  it.each(['/', '/a?x=1&x=2&y=%2F&z=%2f&d=+&e=%20&f&g=', '/a/../b;c=1', "/a'b(c)!*~", '/a?b[]=1&c=|'])(
    'is taken with the target %s',
    (target) => {
      expect(head(['Host', 'a'], target)).toMatchObject({ contentLength: -1 })
    },
  )

  it('is refused with more than 200 headers', () => {
    const many = ['Host', 'a', ...Array.from({ length: 200 }, (_, i) => [`X-${i}`, 'v']).flat()]
    expect(head(many)).toMatchObject({ status: 431 })
  })

  it('joins repeated X-Forwarded-For in order', () => {
    expect(head(['Host', 'a', 'X-Forwarded-For', '1.1.1.1', 'x-forwarded-for', '2.2.2.2'])).toMatchObject({
      forwardedFor: '1.1.1.1, 2.2.2.2',
    })
  })
})
