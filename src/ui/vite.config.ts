import { defineConfig } from 'vite'

/** The page as static files with relative addresses, so that it also works below a path of a proxy. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'es2023',
    // Nothing inline: the port's policy lets the page load files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Libraries say "use client" for servers that render; there is none here.
      onLog: (level, log, report) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
  // For work on the page: `npx vite src/ui` beside a running daemon.
  server: { proxy: { '/api': 'http://127.0.0.1:8081' } },
})
