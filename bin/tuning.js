/**
 * What the daemon runs with, because what Node and the C library do by themselves suits a process that may have all of
 * the memory. Measured in docs/performance.md; deploy/systemd repeats it.
 */

/**
 * A small young generation, and an old one that is looked through when it grew by a fifth: else it grows to several
 * times what is in use before V8 does so. And no Maglev: under the first load all that is hot becomes so at one moment,
 * and some 190 functions waited for that compiler with 24 MB of memory that never came back. Turbofan, which has them in
 * the end, takes eight at a time.
 */
export const flags = ['--max-semi-space-size=4', '--heap-growing-percent=20', '--no-maglev']

/**
 * For glibc (https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html), which else keeps an
 * arena for every thread, and what was freed of large pieces. The threads of Ringback seldom allocate at one moment: a
 * second arena costs 11 MB and saves nothing.
 */
export const environment = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '262144' }
