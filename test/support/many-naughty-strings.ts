import { createRequire } from 'node:module'

import { naughtyStrings } from './naughty-strings.ts'

const bigList = createRequire(import.meta.url)('big-list-of-naughty-strings') as readonly string[]

const from = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `a${String.fromCodePoint(first + at)}b`)

/** The public big list of naughty strings, our own, and every control, format and direction mark between two letters. */
export const manyNaughtyStrings: readonly string[] = [
  ...new Set([
    ...bigList,
    ...naughtyStrings,
    ...from(0x00, 0x1f),
    ...from(0x7f, 0x9f),
    ...from(0x20_0b, 0x20_0f),
    ...from(0x20_28, 0x20_2e),
    ...from(0x20_60, 0x20_6f),
    ...from(0xfe_00, 0xfe_0f),
    ...from(0xff_f9, 0xff_fd),
    ...from(0xe_00_01, 0xe_00_10),
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(2)>',
    'javascript:alert(3)',
    '"><script>alert(4)</script>',
    '<iframe srcdoc="<script>parent.alert(5)</script>">',
    '<a href="https://evil.test">x</a>',
    'x'.repeat(3000),
  ]),
]
