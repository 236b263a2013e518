const paths = {
  live: 'M3 12h4l3-8 4 16 3-8h4',
  routes:
    'M6 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4m12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4M6 9v3a5 5 0 0 0 5 5h5M8 7h6a4 4 0 0 1 4 4v4',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14m5 12 5 5',
  alerts: 'M12 4a6 6 0 0 0-6 6v4l-2 3h16l-2-3v-4a6 6 0 0 0-6-6m-2 16h4',
  rescue:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 5.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M5.700 5.700l3.800 3.800m5 5 3.800 3.800m0-12.600-3.800 3.800m-5 5-3.800 3.800',
  config:
    'M4 7h9m4 0h3M4 17h3m4 0h9M15 4.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5m-6 10a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5',
  more: 'M4 7h16M4 12h16M4 17h16',
  status: 'M4 6h16v5H4zm0 7h16v5H4zm3-4.500h.01m-.01 7h.01',
  start: 'M5 21V4m0 1h12l-3 4 3 4H5',
  good: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m-4 9.500 3 3 5-6',
  bad: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zm1 6 6 6m0-6-6 6',
  warn: 'M12 4 2.500 20h19zm0 6v4.500m0 2.500v.01',
  idle: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12h8',
  hint: 'M9.500 18h5M10 21h4M12 3a6 6 0 0 0-3.500 10.900c.700.600 1 1.300 1 2.100h5c0-.800.300-1.500 1-2.100A6 6 0 0 0 12 3',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  done: 'm5 12 5 5L20 7',
  pause: 'M9 5v14m6-14v14',
  play: 'M7 5v14l12-7z',
  up: 'M12 19V5m-6 6 6-6 6 6',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8m0-5v2m0 14v2M3 12h2m14 0h2M5.600 5.600 7 7m10 10 1.400 1.400m0-12.800L17 7M7 17l-1.400 1.400',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 4v5l3 3',
  next: 'm9 5 7 7-7 7',
  before: 'm15 5-7 7 7 7',
  again: 'M4 12a8 8 0 1 1 2.500 5.800M4 20v-5h5',
  star: 'm12 4 2.400 5.100 5.600.700-4.100 3.900 1.100 5.500L12 16.500l-5 2.700 1.100-5.500L4 9.800l5.600-.700z',
  close: 'm6 6 12 12M18 6 6 18',
  mute: 'M12 4a6 6 0 0 0-5.700 4M6 12v2l-2 3h13m1-6v-1a6 6 0 0 0-1-3.300M10 20h4M4 4l16 16',
  lock: 'M6 11h12v9H6zm2 0V8a4 4 0 0 1 8 0v3',
} as const

export type IconName = keyof typeof paths

/** A drawing beside a word; says nothing by itself. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}
